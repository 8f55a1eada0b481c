#include "core/http/query.hpp"

namespace signalbox::http {

Parameter query_parameter(std::string name, std::string description, std::string type) {
  return {std::move(name), Parameter::In::query, std::move(description), false, std::move(type)};
}

std::optional<std::string> query_text(const Request& request, std::string_view name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

}  // namespace signalbox::http
