#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {
namespace {

// There is no traffic to move: whatever is ordered is so, and nothing is known that the log does not know.
class NoopDriver final : public Driver {
 public:
  std::string_view name() const override { return "noop"; }
  Result<Observation> observe(const StepOrder& order) override {
    Observation out;
    out.weight = order.weight;
    out.step = order.step;
    out.token = order.token;
    return out;
  }
  Status set_weight(const StepOrder&) override { return {}; }
  Status promote(const StepOrder&) override { return {}; }
  Status revert(const StepOrder&) override { return {}; }
  std::vector<std::string> manual_revert(const StepOrder& order) const override {
    return {"deploy " + (order.baseline.empty() ? std::string("the release before") : order.baseline)};
  }
};

}  // namespace

std::unique_ptr<Driver> make_noop_driver() {
  return std::make_unique<NoopDriver>();
}

}  // namespace signalbox::train::ramp
