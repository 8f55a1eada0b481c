// Which route answers a path. Literal segments win over {parameters}, these over {rest*}.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/http/route.hpp"

namespace signalbox::http {

class Router {
 public:
  // Takes the routes. A path that does not start with '/', a {rest*} that is not last, two routes for one
  // method and path, a route that answers nothing: bad_input.
  static Result<Router> create(std::vector<Route> routes);
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  struct Match {
    const Route* route = nullptr;  // lives as long as the router; nullptr: none
    std::map<std::string, std::string, std::less<>> parameters;
    std::string allow;  // where the path is known and the method is not: the methods that are
  };
  // `segments` as in Target. HEAD is answered by the route of GET where it has none of its own.
  Match match(Method method, const std::vector<std::string>& segments) const;

 private:
  struct Node;
  Router();
  std::vector<std::unique_ptr<const Route>> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace signalbox::http
