// What people ask of whoever carries a ramp out: whether an order makes sense, and how it comes into the log.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

// Whether the order makes sense now; the fold decides for good. conflict, saying why not.
Status check_order(const Ramp& ramp, OrderEvent::What what);

// The log as an order needs it: a command's book, or a server's sequencer.
struct OrderLog {
  std::function<Result<TrainEvents>()> read;
  // Compares and appends, as `append_event` does; answers with the index of the entry.
  std::function<Result<std::uint64_t>(const NewEvent& event, std::int64_t expected_last)> append;
};

// Appends an order about the attempt that is under way, whatever others append at the same moment. conflict
// where none is. `key`: name of the key that signs; absent: the log's own. The index of the entry.
Result<std::uint64_t> give_order(const OrderLog& log, const OrderEvent& order,
                                 const std::optional<std::string>& key = {});

}  // namespace signalbox::train::ramp
