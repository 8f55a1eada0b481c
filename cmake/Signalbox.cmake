# How every part of Signalbox is built. A part is a folder; its CMakeLists.txt is one call.
#
#   signalbox_module(NAME LINKS lib...)                 static library of the folder's *.cpp, tests from its *_test.cpp
#   signalbox_program(NAME SUMMARY "one line" LINKS …)  signalbox-NAME behind the front door, listed by --help

find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)

set(SIGNALBOX_COMPILE_OPTIONS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
                              -Wno-missing-field-initializers -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports members of optional and variant as maybe uninitialised once sanitizers or -O2 inline them.
  list(APPEND SIGNALBOX_COMPILE_OPTIONS -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(SIGNALBOX_SANITIZE)
  list(APPEND SIGNALBOX_COMPILE_OPTIONS -fsanitize=${SIGNALBOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

add_library(signalbox_options INTERFACE)
target_include_directories(signalbox_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(signalbox_options INTERFACE ${SIGNALBOX_COMPILE_OPTIONS})
target_link_options(signalbox_options INTERFACE -Wl,--as-needed -fuse-ld=mold)
if(SIGNALBOX_SANITIZE)
  target_link_options(signalbox_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE})
endif()

# A clone elsewhere on the same machine hits the same ccache: paths are hashed relative to the source folder, and do not enter debug information.
target_compile_options(signalbox_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
find_program(SIGNALBOX_CCACHE ccache)
if(SIGNALBOX_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true CCACHE_SLOPPINESS=pch_defines,time_macros)
  # Notes what each compilation costs; ccache splits the prefix at spaces.
  if(NOT CMAKE_SOURCE_DIR MATCHES " ")
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER CCACHE_PREFIX=${CMAKE_SOURCE_DIR}/scripts/timed_compiler.sh)
  endif()
  list(APPEND CMAKE_CXX_COMPILER_LAUNCHER ${SIGNALBOX_CCACHE})
endif()

# ./run needs no GoogleTest: where it is not there, the tests are not part of the build. ./test installs it and configures again.
if(SIGNALBOX_TESTS)
  find_package(GTest)
  if(NOT GTest_FOUND)
    set(SIGNALBOX_TESTS OFF)
  endif()
endif()

# What is tested is what people run, at -O2; the tests' own text compiles faster without.
set(SIGNALBOX_TEST_OPTIONS $<$<CONFIG:Release>:-O0>)
# What fuzzers look at is the code that tests call, not the tests, which compile faster without their marks.
add_library(signalbox_test_options INTERFACE)  # linked last: its options stand behind those that they take back
if(SIGNALBOX_SANITIZE MATCHES "fuzzer-no-link")
  set(SIGNALBOX_UNMARKED -fno-sanitize=fuzzer-no-link)
  target_compile_options(signalbox_test_options INTERFACE ${SIGNALBOX_UNMARKED})
endif()

include(Batches)
include(Precompiled)
include(Version)

set(SIGNALBOX_BIN_DIR ${CMAKE_BINARY_DIR}/bin)
set(SIGNALBOX_LIBEXEC_DIR ${CMAKE_BINARY_DIR}/lib/signalbox)
set_property(GLOBAL PROPERTY SIGNALBOX_DOORS "")

# A static library `core_base` from the folder src/core/base, and `core_base_test` from its *_test.cpp.
# A module whose folder holds no source but headers becomes an INTERFACE library. SEARCHES: it computes so much that its tests would take
# minutes at -O0; it is at -O1 there, and parses its headers itself, for what was parsed at -O0 cannot be taken.
function(signalbox_module name)
  cmake_parse_arguments(ARG "SEARCHES" "" "LINKS;TEST_LINKS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  foreach(pattern ${ARG_EXCLUDE})
    list(FILTER sources EXCLUDE REGEX ${pattern})
    list(FILTER tests EXCLUDE REGEX ${pattern})
  endforeach()
  if(sources)
    signalbox_batches(sources ${name} ${sources})
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC signalbox_options ${ARG_LINKS})
    if(ARG_SEARCHES AND CMAKE_CXX_FLAGS MATCHES "-O0")
      target_compile_options(${name} PRIVATE -O1)
    else()
      signalbox_precompile(${name})
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE signalbox_options ${ARG_LINKS})
  endif()
  if(SIGNALBOX_TESTS AND tests)
    signalbox_test(${name}_test SOURCES ${tests} LINKS ${name} ${ARG_TEST_LINKS})
  endif()
endfunction()

# A GoogleTest program, registered with CTest under its own name. LABELS: e2e (left out by --fast), nightly.
function(signalbox_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  signalbox_batches(sources ${name} ${ARG_SOURCES})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE signalbox_options ${ARG_LINKS} GTest::gtest GTest::gtest_main signalbox_test_options)
  target_compile_options(${name} PRIVATE ${SIGNALBOX_TEST_OPTIONS})
  signalbox_precompile(${name} TESTS)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)  # for what hangs
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(name MATCHES "^(core_evidence|core_store|instrument_train|pack_choose|profile_.*)_test$")  # the long ones begin first
    set_tests_properties(${name} PROPERTIES COST 100)
  endif()
endfunction()

# The program signalbox-NAME, from main.cpp of this folder; the front door lists it with its SUMMARY. Without SUMMARY it is a helper
# program that people do not call.
function(signalbox_program name)
  cmake_parse_arguments(ARG "CORE" "SUMMARY" "LINKS" ${ARGN})
  add_executable(signalbox-${name} ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
  target_link_libraries(signalbox-${name} PRIVATE signalbox_options ${ARG_LINKS})
  set_target_properties(signalbox-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${SIGNALBOX_LIBEXEC_DIR})
  install(TARGETS signalbox-${name} RUNTIME DESTINATION lib/signalbox)
  set_property(GLOBAL APPEND PROPERTY SIGNALBOX_PROGRAMS signalbox-${name})
  if(ARG_SUMMARY)
    set(group instrument)
    if(ARG_CORE)
      set(group core)
    endif()
    set_property(GLOBAL APPEND PROPERTY SIGNALBOX_DOORS "${name}|${group}|${ARG_SUMMARY}")
  endif()
endfunction()
