#include "core/http/router.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr std::size_t kMethods = 7;
constexpr std::size_t kMaxSegments = 64;  // of a request's path; bounds the search

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}
bool is_rest(std::string_view segment) {
  return is_parameter(segment) && segment.ends_with("*}");
}
std::string_view parameter_name(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(is_rest(segment) || segment.ends_with("*}") ? 2 : 1);
  return segment;
}

}  // namespace

// One segment of the tree of paths; what ends here is in `routes`, by method.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literal;
  std::unique_ptr<Node> parameter;
  std::unique_ptr<Node> rest;
  std::array<const Route*, kMethods> routes{};

  bool answers() const {
    return std::any_of(routes.begin(), routes.end(), [](const Route* route) { return route != nullptr; });
  }
  Node& child(std::string_view segment) {
    std::unique_ptr<Node>& next = is_rest(segment)        ? rest
                                  : is_parameter(segment) ? parameter
                                                          : literal[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    return *next;
  }
  // The node that ends the path, or nullptr.
  const Node* find(std::span<const std::string> segments) const {
    if (segments.empty()) return answers() ? this : nullptr;
    if (const auto found = literal.find(segments.front()); found != literal.end()) {
      if (const Node* end = found->second->find(segments.subspan(1))) return end;
    }
    if (parameter && !segments.front().empty()) {
      if (const Node* end = parameter->find(segments.subspan(1))) return end;
    }
    return rest.get();
  }
  const Route* route_for(Method method) const {
    const Route* found = routes[static_cast<std::size_t>(method)];
    if (found == nullptr && method == Method::head) found = routes[static_cast<std::size_t>(Method::get)];
    return found;
  }
  std::string allow() const {
    std::string out;
    for (std::size_t i = 0; i < kMethods; ++i) {
      const auto method = static_cast<Method>(i);
      if (route_for(method) != nullptr) out.append(out.empty() ? "" : ", ").append(name_of(method));
    }
    return out + ", OPTIONS";
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

Result<Router> Router::create(std::vector<Route> routes) {
  Router router;
  for (Route& route : routes) {
    const std::string where = std::string(name_of(route.method)) + " " + route.path;
    if (!route.path.starts_with('/')) return fail(ErrorKind::bad_input, where + ": no path");
    if (static_cast<bool>(route.handle) == static_cast<bool>(route.events))
      return fail(ErrorKind::bad_input, where + ": a route has a handler or a source of events");
    Node* node = router.root_.get();
    const auto segments = split(std::string_view(route.path).substr(1), '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (is_rest(segments[i]) && i + 1 != segments.size())
        return fail(ErrorKind::bad_input, where + ": something after the rest");
      node = &node->child(segments[i]);
    }
    const Route*& slot = node->routes[static_cast<std::size_t>(route.method)];
    if (slot != nullptr) return fail(ErrorKind::bad_input, where + ": there already");
    slot = router.routes_.emplace_back(std::make_unique<const Route>(std::move(route))).get();
  }
  return router;
}

Router::Match Router::match(Method method, const std::vector<std::string>& segments) const {
  Match out;
  if (segments.empty() || segments.size() > kMaxSegments) return out;
  const Node* node = root_->find(segments);
  if (node == nullptr) return out;
  out.route = node->route_for(method);
  if (out.route == nullptr) {
    out.allow = node->allow();
    return out;
  }
  const auto pattern = split(std::string_view(out.route->path).substr(1), '/');
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i])) continue;
    std::string value = segments[i];
    if (is_rest(pattern[i])) {
      for (std::size_t k = i + 1; k < segments.size(); ++k) value += "/" + segments[k];
    }
    out.parameters.emplace(parameter_name(pattern[i]), std::move(value));
  }
  return out;
}

}  // namespace signalbox::http
