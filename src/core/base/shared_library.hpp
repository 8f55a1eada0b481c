// Libraries opened at first use: linked, they would cost every program milliseconds at its start.
#pragma once

namespace signalbox {

// Stays open to the end of the program; nullptr where the system has no such library.
void* open_shared_library(const char* file);
// The address of a function of it; nullptr where it has none of that name.
void* symbol_of(void* library, const char* name);

// Sets a pointer typed from the library's own header; false where the library has no such function.
template <class Function>
bool find_function(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(symbol_of(library, name));
  return function != nullptr;
}

}  // namespace signalbox
