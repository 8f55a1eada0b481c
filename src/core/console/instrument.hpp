// What an instrument is to the rest of Signalbox: commands for its own program, and what signalbox-serve
// links of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/config/workspace.hpp"
#include "core/http/route.hpp"
#include "core/store/database.hpp"

namespace signalbox {

namespace evidence {
class Sequencer;
class SigningKey;
}  // namespace evidence

// What routes may use. Database connections are not thread-safe: `database` opens, or reuses, the one of the
// calling worker thread.
struct Services {
  Workspace workspace;
  const Clock& clock;
  std::string store;
  std::function<Result<store::Database*>()> database;
  std::shared_ptr<evidence::Sequencer> sequencer;  // where routes append evidence; null: nothing is written
  bool allow_run = false;                          // serve --allow-run: routes that start commands may
  std::shared_ptr<const evidence::SigningKey> signing_key = {};  // of this machine; null: it is locked
  std::shared_ptr<const evidence::SigningKey> witness_key = {};  // cosigns; null: this server is no witness
};

struct Instrument {
  cli::Command command;  // its name is the instrument's
  std::vector<store::Migration> migrations;
  std::function<std::vector<http::Route>(std::shared_ptr<const Services>)> routes;
  std::function<std::string(const Workspace&)> metrics;  // what else /metrics tells, in Prometheus' format
};

}  // namespace signalbox
