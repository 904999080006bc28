// SPDX-License-Identifier: GPL-2.0-or-later
// The interface is that of https://www.sqlite.org/c3ref/pcache_methods2.html.
#include "workload/sqlite_page_cache.h"

#include <sqlite3.h>
#include <algorithm>
#include <new>

namespace sluice {

namespace {

Arena *arena_to_use = nullptr;

class PageCache {
public:
    PageCache(Arena &arena, int extra_bytes)
        : arena_(arena),
          extra_bytes_((static_cast<size_t>(extra_bytes) + 15) / 16 * 16),
          pages_(arena.bytes().size() / page_bytes),
          extra_(pages_.size() * extra_bytes_),
          by_key_(pages_.size() + 1)
    {
        for (size_t i = pages_.size(); i-- > 0;) {
            pages_[i] = {arena.bytes().data() + i * page_bytes, extra_.data() + i * extra_bytes_};
            free_.push_back(&pages_[i]);
        }
    }

    int count() const { return static_cast<int>(pages_.size() - free_.size()); }

    sqlite3_pcache_page *fetch(size_t key, bool create)
    {
        if (key >= by_key_.size())
            return nullptr;
        sqlite3_pcache_page *&page = by_key_[key];
        if (page == nullptr && create && !free_.empty()) {
            page = free_.back();
            free_.pop_back();
            // What the extra bytes begin with tells SQLite that the page is new.
            std::fill_n(static_cast<std::byte *>(page->pExtra), extra_bytes_, std::byte{0});
        }
        if (page != nullptr)
            arena_.touch(page->pBuf);
        return page;
    }

    void discard(size_t key)
    {
        if (key < by_key_.size() && by_key_[key] != nullptr)
            free_.push_back(std::exchange(by_key_[key], nullptr));
    }

    void discard(sqlite3_pcache_page *page)
    {
        discard(static_cast<size_t>(std::ranges::find(by_key_, page) - by_key_.begin()));
    }

    void rekey(size_t from, size_t to)
    {
        discard(to);
        by_key_[to] = std::exchange(by_key_[from], nullptr);
    }

    void truncate(size_t limit)
    {
        for (size_t key = limit; key < by_key_.size(); ++key)
            discard(key);
    }

private:
    Arena &arena_;
    size_t extra_bytes_;
    std::vector<sqlite3_pcache_page> pages_;
    std::vector<std::byte> extra_;
    std::vector<sqlite3_pcache_page *> by_key_;  // keys begin with 1
    std::vector<sqlite3_pcache_page *> free_;    // the lowest is the last
};

PageCache &of(sqlite3_pcache *cache)
{
    return *reinterpret_cast<PageCache *>(cache);
}

sqlite3_pcache *create(int size, int extra, int)
{
    if (arena_to_use == nullptr || size != static_cast<int>(page_bytes))
        return nullptr;
    return reinterpret_cast<sqlite3_pcache *>(new (std::nothrow) PageCache(*arena_to_use, extra));
}

// NOLINTBEGIN(bugprone-easily-swappable-parameters): SQLite gives the order
const sqlite3_pcache_methods2 methods = {
    .iVersion = 1,
    .pArg = nullptr,
    .xInit = [](void *) { return SQLITE_OK; },
    .xShutdown = [](void *) {},
    .xCreate = create,
    .xCachesize = [](sqlite3_pcache *, int) {},
    .xPagecount = [](sqlite3_pcache *cache) { return of(cache).count(); },
    .xFetch = [](sqlite3_pcache *cache, unsigned key,
                 int flag) { return of(cache).fetch(key, flag != 0); },
    .xUnpin =
        [](sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard) {
            if (discard != 0)
                of(cache).discard(page);
        },
    .xRekey = [](sqlite3_pcache *cache, sqlite3_pcache_page *, unsigned from,
                 unsigned to) { of(cache).rekey(from, to); },
    .xTruncate = [](sqlite3_pcache *cache, unsigned limit) { of(cache).truncate(limit); },
    .xDestroy = [](sqlite3_pcache *cache) { delete &of(cache); },
    .xShrink = [](sqlite3_pcache *) {},
};
// NOLINTEND(bugprone-easily-swappable-parameters)

}  // namespace

SqlitePagesIn::SqlitePagesIn(Arena &arena)
{
    static const int configured = sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
    arena_to_use = configured == SQLITE_OK ? &arena : nullptr;
}

SqlitePagesIn::~SqlitePagesIn()
{
    arena_to_use = nullptr;
}

}  // namespace sluice
