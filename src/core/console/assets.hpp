// The web console's files, embedded at build time. Compressed once, served as they lie in the program.
#pragma once

#include <string_view>

namespace signalbox::console {

// One file of the console. The views last as long as the program.
struct Asset {
  std::string_view octets;
  std::string_view media_type;  // "text/html; charset=utf-8"
  std::string_view encoding;    // "br", or empty where compression did not help
  bool immutable = false;       // its name holds a digest of its content: may be cached for ever
};

// By path, as the address has it: "/assets/index-1a2b3c4d.js"; "/" is index.html. nullptr where there is no
// such file, and always where Signalbox was built without its console. The console's own routes are behind
// '#', so no other path needs index.html.
const Asset* find_asset(std::string_view path);

}  // namespace signalbox::console
