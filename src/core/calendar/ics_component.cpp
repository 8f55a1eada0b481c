#include "core/calendar/ics_component.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::calendar {
namespace {

constexpr std::size_t kMaxDepth = 8;

std::string upper_name(std::string_view text) {
  std::string out(trim(text));
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

const ContentLine* Component::find(std::string_view property) const {
  for (const ContentLine& one : properties) {
    if (one.name == property) return &one;
  }
  return nullptr;
}

Result<std::vector<Component>> read_components(std::string_view octets, std::string_view file) {
  SIGNALBOX_TRY(std::vector<ContentLine> all, read_content_lines(octets, file));
  const auto wrong = [&](const ContentLine& line, std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", file, line.where(), what));
  };
  std::vector<Component> open;
  std::vector<Component> out;
  for (ContentLine& line : all) {
    if (line.name == "BEGIN") {
      if (open.size() >= kMaxDepth) return wrong(line, "components that are nested too deep");
      open.push_back({upper_name(line.value), line.pieces.front().line, {}, {}});
      if (open.size() == 1 && open.front().name != "VCALENDAR")
        return wrong(line, "BEGIN:VCALENDAR is expected here");
    } else if (line.name == "END") {
      if (open.empty() || open.back().name != upper_name(line.value))
        return wrong(line, fmt::format("END:{} ends nothing that is open", printable(line.value)));
      Component done = std::move(open.back());
      open.pop_back();
      (open.empty() ? out : open.back().parts).push_back(std::move(done));
    } else if (open.empty()) {
      return wrong(line, "BEGIN:VCALENDAR is expected here");
    } else {
      open.back().properties.push_back(std::move(line));
    }
  }
  if (!open.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}:{}:1: {} does not end: the file is cut off", file,
                                                  open.back().line, printable(open.back().name)));
  if (out.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}:1:1: no calendar", file), "an .ics file");
  return out;
}

}  // namespace signalbox::calendar
