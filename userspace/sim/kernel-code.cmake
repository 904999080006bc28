# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel's own channel, ranges and placement code, compiled for user space through the shim of the
# unit tests.
#
#   add_kernel_code(NAME [OPTION...])   a static library; OPTIONs for the compiler and the linker

set(SLUICE_LINUX_DIR ${CMAKE_CURRENT_LIST_DIR}/../../build/linux CACHE PATH
    "Patched kernel tree (make kernel-tree)")
get_filename_component(sluice_kernel_dir ${SLUICE_LINUX_DIR}/mm/sluice ABSOLUTE
    BASE_DIR ${CMAKE_SOURCE_DIR})
if(NOT EXISTS ${sluice_kernel_dir}/channel.c)
    message(FATAL_ERROR "no mm/sluice/channel.c in SLUICE_LINUX_DIR=${SLUICE_LINUX_DIR}: "
        "run make kernel-tree")
endif()
set(sluice_shim_dir ${CMAKE_CURRENT_LIST_DIR}/../../selftests/unit/shim)
include(${sluice_shim_dir}/sources.cmake)
sluice_pure_sources(sluice_kernel_sources ${sluice_kernel_dir})

function(add_kernel_code name)
    add_library(${name} STATIC ${sluice_kernel_sources})
    target_include_directories(${name} PUBLIC ${sluice_kernel_dir})
    target_include_directories(${name} BEFORE PUBLIC ${sluice_shim_dir})
    # The kernel compares signed with unsigned, leaves parameters unused and has GNU extensions.
    target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-sign-compare -Wno-pedantic)
    target_compile_options(${name} PUBLIC ${ARGN})
    target_link_options(${name} PUBLIC ${ARGN})
    set_target_properties(${name} PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
endfunction()
