#include "core/http/event_buffer.hpp"

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out += c == '\n' || c == '\r' || c == '\0' ? ' ' : c;
  out += '\n';
}

}  // namespace

bool EventBuffer::send(std::string_view event, std::string_view id, std::string_view data) {
  if (!text_.empty() && text_.size() + data.size() > kMaxBytes) return false;
  if (!id.empty()) append_line(text_, "id", id);
  if (!event.empty()) append_line(text_, "event", event);
  for (;;) {
    const std::size_t end = data.find_first_of("\r\n");
    append_line(text_, "data", data.substr(0, end));
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + (data.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  text_ += '\n';
  return true;
}

}  // namespace signalbox::http
