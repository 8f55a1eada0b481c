// The tree of an iCalendar file: components with properties, before anything is known about either.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/calendar/content_line.hpp"

namespace signalbox::calendar {

struct Component {
  std::string name;  // "VEVENT"
  std::size_t line = 1;
  std::vector<ContentLine> properties;
  std::vector<Component> parts;

  const ContentLine* find(std::string_view property) const;  // the first; nullptr where there is none
};

// The VCALENDARs of a file. bad_input where BEGIN and END do not match.
Result<std::vector<Component>> read_components(std::string_view octets, std::string_view file);

}  // namespace signalbox::calendar
