// SPDX-License-Identifier: GPL-2.0-or-later
// A page cache for SQLite whose pages are those of an arena, so that a database in memory is where
// a load's memory is, and each access to one of its pages is seen.
#pragma once

#include "workload/arena.h"

namespace sluice {

// As long as one of these lives, databases that are opened keep their pages in its arena, one
// after the other; one that has no place for a page more fails with SQLITE_NOMEM. Other databases
// of the process cannot be opened. Must be made before anything else calls SQLite.
class SqlitePagesIn {
public:
    explicit SqlitePagesIn(Arena &arena);
    ~SqlitePagesIn();
    SqlitePagesIn(const SqlitePagesIn &) = delete;
    SqlitePagesIn &operator=(const SqlitePagesIn &) = delete;
};

}  // namespace sluice
