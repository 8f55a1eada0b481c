// Manual pages (groff_man(7)): one for signalbox itself, one for each program behind it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/completion/tree.hpp"

namespace signalbox::completion {

struct Page {
  std::string file;  // "signalbox-train.1"
  std::string roff;
};

std::vector<Page> man_pages(const Tree& tree);

// Text that groff prints as it is: no request, no escape, ASCII alone.
std::string escape_roff(std::string_view text);

}  // namespace signalbox::completion
