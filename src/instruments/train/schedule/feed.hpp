// Key `calendar` of section `train`: what the public calendar is called.
#pragma once

#include <string>

#include "core/config/config.hpp"

namespace signalbox::train::schedule {

struct Feed {
  std::string name;    // what subscribers see; empty: made of the workspace's
  std::string domain;  // of UIDs; empty: made of the workspace's name
};
// Members: name domain. bad_input with file:line:column.
Result<Feed> parse_feed(const config::Node& node);

}  // namespace signalbox::train::schedule
