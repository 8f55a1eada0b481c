#include "core/base/shared_library.hpp"

#include <dlfcn.h>

namespace signalbox {

void* open_shared_library(const char* file) {
  return ::dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

void* symbol_of(void* library, const char* name) {
  return ::dlsym(library, name);
}

}  // namespace signalbox
