// What the routes of trains share: the log where there is one, the desk at HEAD, parts of a route.
#pragma once

#include <optional>
#include <string>

#include "core/console/instrument.hpp"
#include "core/evidence/ledger.hpp"
#include "instruments/train/boarding/desk.hpp"

namespace signalbox::train {

// The log, over the calling thread's connection; nothing where nothing was ever recorded. Any other reason
// for which it cannot be read is an error: nobody is told that there are no trains because a disk fails.
Result<std::optional<evidence::Ledger>> open_log(const Services& services);

// The desk at HEAD. Without a log there are no trains.
Result<Desk> open_desk_at_head(const Services& services);

// Signs the event with this machine's key, and appends it where nothing about the train came after
// `expected_last`; its index. conflict where something did; denied where this server has no key to sign with,
// and then `command` is what to do instead.
Result<std::uint64_t> append_signed(const Services& services, const NewEvent& event,
                                    std::int64_t expected_last, const std::string& command);

// Path parameter `id`, the name of a train.
http::Parameter train_parameter();

}  // namespace signalbox::train
