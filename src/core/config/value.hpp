// How a read document is kept. Shared by the reader and by Node alone.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/config/config.hpp"

namespace signalbox::config {

// One parsed value. Never changed once read; shared by the nodes that point to it.
struct Node::Value {
  enum class Kind { null, scalar, list, map } kind = Kind::null;
  std::shared_ptr<const std::string> file;
  std::string path;
  int line = 1;      // from 1
  int column = 1;    // from 1, in characters
  int key_line = 0;  // of the key that this is the value of; 0 where it has none
  int key_column = 0;
  std::string scalar;
  bool quoted = false;  // a quoted or block scalar is text, whatever it looks like
  std::vector<std::shared_ptr<const Value>> items;
  std::vector<std::pair<std::string, std::shared_ptr<const Value>>> members;
};

}  // namespace signalbox::config
