# SPDX-License-Identifier: GPL-2.0-or-later
#
# sluice_pure_sources(VARIABLE DIR): the files in DIR, a kernel's mm/sluice, that need nothing else of a kernel than what
# the headers and shim.c in this folder have.

set(SLUICE_SHIM_DIR ${CMAKE_CURRENT_LIST_DIR})

function(sluice_pure_sources variable dir)
    set(sources channel.c cut.c placement.c range_array.c ranges.c ranges_sync.c sample_sort.c)
    list(TRANSFORM sources PREPEND ${dir}/)
    set(${variable} ${SLUICE_SHIM_DIR}/shim.c ${sources} PARENT_SCOPE)
endfunction()
