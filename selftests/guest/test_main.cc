// SPDX-License-Identifier: GPL-2.0-or-later
// main() of every program that is a suite.

#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "guest/job.h"
#include "guest/ktap_listener.h"

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    if (const char *port = std::getenv(guest::kResultsEnv)) {
        // Children that the tests fork must not hold the port.
        const int fd = open(port, O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
            std::perror(port);
            return 1;
        }
        testing::UnitTest::GetInstance()->listeners().Append(new guest::KtapListener(fd));
    }
    const int status = RUN_ALL_TESTS();
    // GoogleTest calls it a success when the filter matches nothing.
    if (testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
        std::fprintf(stderr, "no test ran\n");
        return 1;
    }
    return status;
}
