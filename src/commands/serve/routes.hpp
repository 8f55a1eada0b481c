// The routes of the server itself, and what it does to those of instruments.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commands/serve/metrics.hpp"
#include "core/console/instrument.hpp"
#include "core/http/server.hpp"

namespace signalbox::serve {

// The console's files, each at its path, for everybody: they hold nothing of the workspace.
std::vector<http::Route> console_routes();

// /healthz: the process answers. /readyz: so does its store. Both for everybody.
std::vector<http::Route> health_routes(std::shared_ptr<const Services> services);

// GET /api/v1/workspace
http::Route workspace_route(std::shared_ptr<const Services> services);

// GET /metrics. `more` gives what is counted elsewhere, `of_instruments` what instruments tell themselves, in
// the same format.
http::Route metrics_route(std::shared_ptr<const Metrics> metrics,
                          const std::function<std::vector<Gauge>()>& more,
                          const std::function<std::string()>& of_instruments);

// A route that starts commands answers 403 unless they are allowed.
void guard_commands(std::vector<http::Route>& routes, bool allow_run);

// An event stream ends once its reader's token is revoked or its session is over: each time it is asked for
// news, the reader is asked for anew.
void guard_streams(std::vector<http::Route>& routes, std::shared_ptr<http::Authenticator> authenticator);

}  // namespace signalbox::serve
