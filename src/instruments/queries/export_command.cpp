#include "instruments/queries/commands.hpp"
#include "instruments/queries/exports/grafana_dashboard.hpp"
#include "instruments/queries/exports/prometheus_rules.hpp"

namespace signalbox::queries {

cli::Command export_command() {
  cli::Command rules;
  rules.name = "rules";
  rules.summary = "Write recording and alerting rules for Prometheus";
  rules.details =
      "For a Prometheus that scrapes `queries watch --listen`: name the file under `rule_files`. Among the "
      "alerts is "
      "PostgresHighAvgQueryLatency, a statement that takes half a second a call for ten minutes.";
  rules.formats = {"yaml"};
  rules.anywhere = true;
  rules.run = [](const cli::Arguments&, cli::Context&) -> Result<cli::Outcome> {
    return cli::Artifact{prometheus_rules()};
  };
  cli::Command grafana;
  grafana.name = "grafana";
  grafana.summary = "Write a dashboard for Grafana";
  grafana.details =
      "Import it and name the Prometheus that scrapes `queries watch --listen`; most panels use what `export "
      "rules` "
      "records. Statements are numbers there: --console is where a click on one leads to.";
  grafana.options = {
      {"--console", "URL", "the address of `signalbox serve`, for links to statements", {}, false}};
  grafana.formats = {"json"};
  grafana.anywhere = true;
  grafana.run = [](const cli::Arguments& arguments, cli::Context&) -> Result<cli::Outcome> {
    return cli::Artifact{grafana_dashboard(arguments.get_or("--console", ""))};
  };
  cli::Command out;
  out.name = "export";
  out.summary = "Write rules and dashboards for Prometheus and Grafana";
  out.commands = {std::move(rules), std::move(grafana)};
  return out;
}

}  // namespace signalbox::queries
