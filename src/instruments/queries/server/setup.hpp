// What has to be changed on a server so that its queries, and their plans, can be told of.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/report/report.hpp"
#include "instruments/queries/server/prerequisites.hpp"

namespace signalbox::queries {

struct SetupStep {
  std::string why;
  std::string sql;   // one statement
  std::string undo;  // SQL; empty where nothing is to be undone
  bool restart = false;
};

// What `judge` misses, with the settings of auto_explain for who has not loaded it yet. In the order in which
// they are done.
std::vector<SetupStep> setup_steps(const ServerFacts& facts);

// How many octets of plans the log would get in a second at most: who executes for `busy` seconds a second
// can execute no more statements than that over the threshold, and one in ten is measured. A plan is taken to
// be 8 KiB.
struct PlanVolume {
  double busy = 0;  // execution time in a second, since the counters were reset
  double bytes_a_second = 0;
  bool is_known = false;
};
Result<PlanVolume> expected_volume(ServerLink& link);

struct SetupOutcome {
  SetupStep step;
  std::string error;  // empty: done
};
// Does them one by one, and has the server read its settings again. `dsn`: with the rights of a superuser.
Result<std::vector<SetupOutcome>> apply_setup(std::string_view dsn, const std::vector<SetupStep>& steps);

// As a script for psql.
std::string setup_script(const std::vector<SetupStep>& steps);

Report setup_report(const ServerIdentity& server, const std::vector<SetupStep>& steps,
                    const PlanVolume& volume);
Report applied_report(const ServerIdentity& server, const std::vector<SetupOutcome>& done,
                      const PlanVolume& volume);

}  // namespace signalbox::queries
