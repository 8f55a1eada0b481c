#include "instruments/profile/routes.hpp"

#include "instruments/profile/kept_desk.hpp"

namespace signalbox::profile {

std::vector<http::Route> routes(std::shared_ptr<const Services> services) {
  const auto desk = std::make_shared<KeptDesk>(std::move(services));
  std::vector<http::Route> out = kept_routes(desk);
  for (auto* const part : {picture_routes, source_routes, trend_routes, ingest_routes}) {
    for (http::Route& route : part(desk)) out.push_back(std::move(route));
  }
  return out;
}

}  // namespace signalbox::profile
