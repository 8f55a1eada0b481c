#include "instruments/train/ramp/orders.hpp"

#include <fmt/core.h>

#include "instruments/train/ramp/ramp_report.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr int kMaxAppends = 50;

tl::unexpected<Error> refuse(const Ramp& ramp, const std::string& why, std::string_view command) {
  return fail(ErrorKind::conflict, fmt::format("train {}: {}", ramp.train, why),
              command.empty() ? std::string() : fmt::format("signalbox train {} {}", command, ramp.train));
}

}  // namespace

Status check_order(const Ramp& ramp, OrderEvent::What what) {
  const bool waits = ramp.phase == Phase::countdown || ramp.phase == Phase::ramping;
  if (ramp.phase == Phase::stuck && (what == OrderEvent::What::rollback || what == OrderEvent::What::by_hand))
    return {};
  if (what == OrderEvent::What::by_hand)
    return refuse(ramp, "nothing is to be put right by hand: it is not stuck", "status");
  if (ramp.phase == Phase::departed) {
    return fail(ErrorKind::conflict, fmt::format("train {}: it has departed", ramp.train),
                fmt::format("signalbox train rollback {} takes it back", ramp.train));
  }
  if (ramp.phase == Phase::promoting) {
    const bool takes_back = what == OrderEvent::What::abort || what == OrderEvent::What::rollback;
    if (takes_back) return {};
    return refuse(ramp, "all traffic is on its way to it", "rollback");
  }
  if (!waits && ramp.phase != Phase::going_back)
    return refuse(ramp, standing_line(ramp, ramp.last_acted), "");
  if (!waits && (what == OrderEvent::What::pause || what == OrderEvent::What::rollback))
    return refuse(ramp, "it is taken back already", "status");
  if (what == OrderEvent::What::pause && ramp.ordered_pause)
    return refuse(ramp, ramp.ordered_pause->why, "status");
  if (what == OrderEvent::What::resume && !ramp.ordered_pause)
    return refuse(ramp, "nobody has paused it", "status");
  return {};
}

Result<std::uint64_t> give_order(const OrderLog& log, const OrderEvent& order,
                                 const std::optional<std::string>& key) {
  for (int i = 0; i < kMaxAppends; ++i) {
    SIGNALBOX_TRY(const TrainEvents events, log.read());
    const Ramp ramp = fold(events);
    if (ramp.phase == Phase::none || (is_over(ramp.phase) && ramp.phase != Phase::stuck)) {
      return fail(ErrorKind::conflict,
                  fmt::format("train {} is not on its way: {}", events.train, name_of(ramp.phase)),
                  "signalbox train status " + events.train);
    }
    Json predicate = to_json({order.what, ramp.attempt, order.reason});
    SIGNALBOX_CHECK(order_from_json(predicate));  // what nobody can read would not count
    const auto index = log.append({events.train, "order", std::move(predicate), {}, key}, ramp.last_index);
    if (index || index.error().kind != ErrorKind::conflict) return index;
  }
  return fail(ErrorKind::conflict, "the log of the train grows faster than an order can be given");
}

}  // namespace signalbox::train::ramp
