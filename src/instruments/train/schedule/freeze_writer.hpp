// Adds a freeze to a configuration that people write, and leaves every other octet of it as it is. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::train::schedule {

// The members of a freeze in their order: {"name", "year's end"}. A list is several of one key.
using FreezeMembers = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Where the list of freezes belongs: in section `train` of signalbox.yaml, or at the top of
// signalbox/train.yaml.
enum class Holder { signalbox_yaml, train_yaml };

// The octets of the file with the freeze as the first of its list. conflict, with the lines to add by hand,
// where the file's form leaves no place that is certain.
Result<std::string> add_freeze(std::string_view octets, Holder holder, const FreezeMembers& members);

}  // namespace signalbox::train::schedule
