// Rules for a Prometheus that scrapes `queries watch --listen`: what dashboards and alerts ask for often is
// computed once, and what somebody must look at is told.
#pragma once

#include <string>
#include <vector>

namespace signalbox::queries {

struct RecordingRule {
  std::string record;
  std::string expression;
};

struct AlertingRule {
  std::string alert;
  std::string expression;
  std::string hold;      // how long it must be so: "10m"
  std::string severity;  // "page", "ticket"
  std::string summary, description;
};

// Names as level:metric:operations.
std::vector<RecordingRule> recording_rules();
std::vector<AlertingRule> alerting_rules();  // PostgresHighAvgQueryLatency first

// The file that `rule_files:` of prometheus.yml names: a group of each kind.
std::string prometheus_rules();

}  // namespace signalbox::queries
