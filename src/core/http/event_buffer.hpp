// Events as text, kept until they are sent.
#pragma once

#include <string>
#include <string_view>

#include "core/http/route.hpp"

namespace signalbox::http {

// Takes one event whatever its size, and then as many as fit into 1 MiB.
class EventBuffer final : public EventSink {
 public:
  bool send(std::string_view event, std::string_view id, std::string_view data) override;
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace signalbox::http
