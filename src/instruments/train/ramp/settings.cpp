#include "instruments/train/ramp/settings.hpp"

namespace signalbox::train::ramp {

Result<Settings> parse_settings(const config::Node& train) {
  Settings out;
  SIGNALBOX_TRY(out.plan, parse_plan(train["canary"]));
  SIGNALBOX_TRY(out.driver, parse_driver(train));
  SIGNALBOX_TRY(out.hooks, parse_hooks(train));
  if (const config::Node tag = train["tag"]; tag.exists()) {
    SIGNALBOX_TRY(const bool wanted, tag.boolean());
    if (wanted) out.tag = Settings::Tag::on_departure;
  }
  return out;
}

}  // namespace signalbox::train::ramp
