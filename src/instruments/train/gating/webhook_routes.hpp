// Routes that CI servers call: results of jobs become evidence, and a deployment asks whether it may.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train {

// Secrets are the files that $SIGNALBOX_GITHUB_WEBHOOK_SECRET_FILE and $SIGNALBOX_GITLAB_WEBHOOK_TOKEN_FILE
// name; without one its routes deny.
std::vector<http::Route> webhook_routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train
