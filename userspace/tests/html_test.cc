// SPDX-License-Identifier: GPL-2.0-or-later
// The report as a browser shows it: headless Chromium runs its script and hands back the page.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/run_command.h"

namespace sluice {
namespace {

std::string find_chromium()
{
    for (const char *name : {"chromium-headless-shell", "chromium"})
        if (run_command(std::string("command -v ") + name).status == 0)
            return name;
    return {};
}

class HtmlInBrowser : public testing::Test {
protected:
    void SetUp() override
    {
        chromium_ = find_chromium();
        if (chromium_.empty())
            GTEST_SKIP() << "no Chromium: apt-get install chromium-headless-shell";
        const std::string data = directory_.path() + "/sluice.data";
        page_ = directory_.path() + "/report.html";
        const Finished made =
            run_command(std::string(SLUICE_PROGRAM) +
                        " sim --pattern shifting --epochs 30 --shift-every 10 -o " + data + " && " +
                        SLUICE_PROGRAM + " report -i " + data + " --html " + page_);
        ASSERT_EQ(made.status, 0) << made.err;
    }

    // The page after its script has run, with `script` at its end.
    std::string dom_after(const std::string &script)
    {
        std::string page = read_file(page_);
        page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
        const std::string probe = directory_.path() + "/probe.html";
        write_file(probe, page);
        const Finished result =
            run_command("timeout 120 " + chromium_ + " --headless --no-sandbox --disable-gpu " +
                        "--virtual-time-budget=2000 --dump-dom file://" + probe);
        EXPECT_EQ(result.status, 0) << result.err;
        return result.out;
    }

    TemporaryDirectory directory_;
    std::string chromium_, page_;
};

// What the page tells after some keys.
TEST_F(HtmlInBrowser, ArrowKeysWalkThroughTheMap)
{
    const std::string dom = dom_after(
        "var m=document.getElementById('map');m.focus();"
        "function key(k){m.dispatchEvent(new KeyboardEvent('keydown',{key:k,bubbles:true}));"
        "return document.getElementById('readout').textContent}"
        "var a=key('Home'),b=key('ArrowRight'),c=key('ArrowDown'),d=key('Enter');"
        "document.body.dataset.moved=[a!==b,b!==c,c!==d].join();"
        "document.body.dataset.cursor=!!document.getElementById('cursor');"
        "document.body.dataset.hottest=d;");
    EXPECT_NE(dom.find("data-moved=\"true,true,true\""), std::string::npos);
    EXPECT_NE(dom.find("data-cursor=\"true\""), std::string::npos);
    EXPECT_NE(dom.find("samples, "), std::string::npos);
    EXPECT_NE(dom.find("% in the fast tier"), std::string::npos);
}

TEST_F(HtmlInBrowser, ShowsAllPartsWithoutErrorsAndWithoutNetwork)
{
    const std::string dom = dom_after(
        "document.body.dataset.parts=['map','hit-ratio','migrations','sizes','samples','ranking',"
        "'drops'].filter(function(i){var b=document.getElementById(i).getBoundingClientRect();"
        "return b.width>200&&b.height>20}).length;"
        "document.body.dataset.loads=performance.getEntriesByType('resource').length;"
        "document.body.dataset.cells=document.querySelectorAll('.heat .h9').length>0;"
        "document.body.dataset.wide=document.documentElement.scrollWidth<="
        "document.documentElement.clientWidth;");
    EXPECT_NE(dom.find("data-parts=\"7\""), std::string::npos);
    EXPECT_NE(dom.find("data-loads=\"0\""), std::string::npos);
    EXPECT_NE(dom.find("data-cells=\"true\""), std::string::npos);
    EXPECT_NE(dom.find("data-wide=\"true\""), std::string::npos) << "nothing sticks out";
}

}  // namespace
}  // namespace sluice
