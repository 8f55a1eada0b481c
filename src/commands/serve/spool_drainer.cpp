#include "commands/serve/spool_drainer.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::serve {
namespace {

constexpr std::chrono::seconds kEvery{5};

}  // namespace

SpoolDrainer::SpoolDrainer(evidence::Spool spool, std::shared_ptr<evidence::Sequencer> sequencer,
                           std::function<void(std::string_view)> say)
    : spool_(std::move(spool)),
      sequencer_(std::move(sequencer)),
      say_(std::move(say)),
      thread_([this] { run(); }) {}

SpoolDrainer::~SpoolDrainer() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ending_.notify_all();
  thread_.join();
}

void SpoolDrainer::run() {
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    lock.unlock();
    drain();
    lock.lock();
    ending_.wait_for(lock, kEvery, [this] { return is_ending_; });
  }
}

void SpoolDrainer::drain() {
  const auto drained = spool_.drain([this](const std::vector<std::string>& envelopes) -> Status {
    SIGNALBOX_CHECK(sequencer_->append(envelopes, {}, evidence::Repeats::skipped));
    return {};
  });
  if (!drained) return;
  if (drained->logged > 0) say_(fmt::format("spool: {} envelopes that waited are logged", drained->logged));
  for (const std::string& line : drained->put_aside) say_("spool: put aside " + printable(line));
}

}  // namespace signalbox::serve
