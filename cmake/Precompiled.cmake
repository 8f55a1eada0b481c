# What nearly every source includes is parsed once for a build tree by clang: the standard library, fmt and expected, and GoogleTest for
# tests. A source still includes what it uses: the trees dev, tsan and tidy are built and read without.
#
#   signalbox_precompile(NAME [TESTS])   the sources of NAME begin with it; all that do have the same options
#
# A clone elsewhere still hits ccache. A precompiled file names the folder and the file it was made from; so it is made at the root of the
# file system from a system header, and is the same, octet by octet, for every clone.
if(NOT SIGNALBOX_PRECOMPILE)
  function(signalbox_precompile name)
  endfunction()
  return()
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "SIGNALBOX_PRECOMPILE needs clang")
endif()

set(SIGNALBOX_PRECOMPILED_HEADERS
    algorithm array atomic charconv chrono cmath cstddef cstdint cstdlib cstring deque filesystem fstream functional limits map memory
    mutex optional random set span sstream string string_view thread tuple unordered_map utility variant vector tl/expected.hpp)
find_file(SIGNALBOX_FMT_HEADER fmt/format.h REQUIRED)

function(signalbox_precompiled name)
  cmake_parse_arguments(ARG "" "" "LINKS;HEADERS;OPTIONS" ${ARGN})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" config)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${config}}")
  foreach(header ${SIGNALBOX_PRECOMPILED_HEADERS} ${ARG_HEADERS})
    list(APPEND includes -include ${header})
  endforeach()
  foreach(library fmt::fmt ${ARG_LINKS})
    set(defined $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
    list(APPEND demands $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_OPTIONS> "$<$<BOOL:${defined}>:-D$<JOIN:${defined},$<SEMICOLON>-D>>")
  endforeach()
  set(made ${CMAKE_BINARY_DIR}/precompiled/${name})
  add_custom_command(
    OUTPUT ${made}.pch
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 ${flags} "${demands}" ${SIGNALBOX_COMPILE_OPTIONS} ${ARG_OPTIONS} -w -working-directory=/
            -Xclang -fno-pch-timestamp ${includes} -MD -MF ${made}.d -MT precompiled/${name}.pch
            -x c++-header ${SIGNALBOX_FMT_HEADER} -o ${made}.pch
    DEPFILE ${made}.d
    COMMENT "Precompiling ${name}"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(${name} DEPENDS ${made}.pch)
endfunction()

signalbox_precompiled(precompiled)
if(SIGNALBOX_TESTS)
  signalbox_precompiled(precompiled_tests LINKS GTest::gtest HEADERS gtest/gtest.h OPTIONS ${SIGNALBOX_TEST_OPTIONS} ${SIGNALBOX_UNMARKED})
endif()

function(signalbox_precompile name)
  cmake_parse_arguments(ARG "TESTS" "" "" ${ARGN})
  set(which precompiled)
  if(ARG_TESTS)
    set(which precompiled_tests)
  endif()
  # Relative, as ninja runs the compiler in the build folder: nothing in the command names the clone.
  target_compile_options(${name} PRIVATE "SHELL:-include-pch precompiled/${which}.pch")
  add_dependencies(${name} ${which})
endfunction()
