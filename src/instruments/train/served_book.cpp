#include "instruments/train/served_book.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/given_keys.hpp"
#include "core/remote/mirror.hpp"

namespace signalbox::train {
namespace {

namespace ev = evidence;

constexpr Duration kPatience = std::chrono::minutes(5);  // with the server, over one look at its log

Result<std::vector<ev::PublicKey>> given_keys(const cli::Arguments& arguments) {
  std::vector<ev::PublicKey> out;
  for (const std::string& given : arguments.all("--log-key")) {
    SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, ev::read_given_keys(given));
    out.insert(out.end(), keys.begin(), keys.end());
  }
  return out;
}

Result<std::chrono::steady_clock::time_point> end_of_asking(const cli::Arguments& arguments) {
  Duration timeout = kPatience;
  if (const auto given = arguments.get("--timeout")) {
    SIGNALBOX_TRY(timeout, parse_duration(*given));
  }
  return std::chrono::steady_clock::now() + timeout;
}

}  // namespace

std::vector<cli::Option> served_log_options() {
  return {{.name = "--log-key",
           .value = "KEY",
           .help = "with a server: the key of its log; by default those trusted in the role log",
           .repeated = true},
          {.name = "--timeout",
           .value = "DURATION",
           .help = "with a server: how long it may take over a look at its log, 5m by default"}};
}

Result<ServedBook> ServedBook::open(const cli::Arguments& arguments, const cli::Context& context) {
  ServedBook out(arguments, context);
  SIGNALBOX_CHECK(out.look(remote::kWitnessPatience));
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  out.book_ = std::make_unique<ev::EvidenceBook>(std::move(book));
  return out;
}

Status ServedBook::look(std::chrono::milliseconds waits) {
  SIGNALBOX_TRY(const ev::Trust trust, ev::trust_of(context_->workspace));
  const Time now = context_->clock.now();
  SIGNALBOX_TRY(std::vector<ev::PublicKey> keys, given_keys(*arguments_));
  is_given_ = !keys.empty();
  if (!is_given_) keys = ev::log_keys_of(trust, now);
  if (keys.empty())
    return fail(ErrorKind::denied, "a server is not believed without the key of its log",
                "give it with --log-key, or the role log in the trust file");
  const std::vector<ev::PublicKey> witnesses = ev::witnesses_of(trust, now);
  const auto has_its_witnesses = [&](const remote::SignedState& state) {
    return ev::cosignatures_under(state.note, witnesses) >= static_cast<std::size_t>(trust.witnesses);
  };
  SIGNALBOX_TRY(const auto until, end_of_asking(*arguments_));
  SIGNALBOX_TRY(const remote::Server server, remote::server_from(context_->store));
  SIGNALBOX_TRY(
      remote::Mirror mirror,
      remote::mirror_log(server, {keys, ev::CheckpointMemory::of_this_machine(), has_its_witnesses, waits},
                         until, [&](std::uint64_t done, std::uint64_t total) {
                           context_->progress.update(done, total, "entries");
                         }));
  context_->progress.finish();
  state_ = std::move(mirror.state);
  SIGNALBOX_TRY(ev::EvidenceBook copy,
                ev::EvidenceBook::open_existing(context_->workspace, context_->clock, mirror.store));
  copy_ = std::make_unique<ev::EvidenceBook>(std::move(copy));
  return {};
}

Status ServedBook::check_believed(const ev::Trust& trust, Time now) const {
  const std::string name = fmt::format("the log {} ({})", printable(state_.log.name), state_.log.id());
  if (const std::string why = ev::objection_to_log(trust, state_.log, now); !why.empty())
    return fail(ErrorKind::denied, fmt::format("{}: its key was {}", name, why));
  const std::vector<ev::PublicKey> keys = ev::log_keys_of(trust, now);
  const bool is_trusted = std::any_of(keys.begin(), keys.end(),
                                      [&](const ev::PublicKey& key) { return key.same_key(state_.log); });
  if (!is_trusted && !is_given_)
    return fail(
        ErrorKind::denied,
        fmt::format("{} is none that the policy trusts in the role log: no candidate chooses the log that "
                    "judges it",
                    name),
        "release a trust file that names it, or give its key with --log-key");
  // Of what was judged: another process may have copied more than was shown to this one.
  SIGNALBOX_TRY(const std::string note, copy_->ledger().checkpoint());
  const std::size_t seen_by = ev::cosignatures_under(note, ev::witnesses_of(trust, now));
  if (seen_by >= static_cast<std::size_t>(trust.witnesses)) return {};
  return fail(ErrorKind::denied,
              fmt::format("{}: {} of {} trusted witnesses have seen it", name, seen_by, trust.witnesses),
              "try again once they have: the server asks them about a second after its log grew");
}

Recording ServedBook::recording() {
  return {*book_, [this]() -> Result<const ev::Ledger*> {
            SIGNALBOX_CHECK(look({}));  // what was just appended no witness has seen yet
            return &copy_->ledger();
          }};
}

}  // namespace signalbox::train
