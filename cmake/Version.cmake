# The library core_version: version.hpp with the commit that was checked out when the build ran. Run as a script (with -D OUT -D VERSION
# -D SOURCE) it writes the one generated source, which changes only when the commit or the state of the tree does.
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND git -C ${SOURCE} describe --always --abbrev=12 --exclude=* --dirty=-modified
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT commit)
    set(commit "no commit")
  endif()
  set(text "#include \"core/base/version.hpp\"\n\nnamespace signalbox {\n\nstd::string_view version() { return \"${VERSION}\"; }\n")
  string(APPEND text "std::string_view built_commit() { return \"${commit}\"; }\n\n}  // namespace signalbox\n")
  set(old "")
  if(EXISTS ${OUT})
    file(READ ${OUT} old)
  endif()
  if(NOT text STREQUAL old)
    file(WRITE ${OUT} "${text}")
  endif()
  return()
endif()

set(generated ${CMAKE_BINARY_DIR}/generated/version.cpp)
add_custom_target(signalbox_commit BYPRODUCTS ${generated} COMMENT ""
                  COMMAND ${CMAKE_COMMAND} -D OUT=${generated} -D VERSION=${PROJECT_VERSION} -D SOURCE=${CMAKE_SOURCE_DIR} -P ${CMAKE_CURRENT_LIST_FILE})
add_library(core_version STATIC ${generated})
add_dependencies(core_version signalbox_commit)
target_link_libraries(core_version PUBLIC signalbox_options)
