#include "instruments/profile/agent/upload_sender.hpp"

#include <algorithm>

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLockPatience{1'000};  // for another process that sends what waits
constexpr milliseconds kPatience{10'000};  // for one answer, which the end of the agent may have to wait for

}  // namespace

UploadSender::UploadSender(UploadSpool spool, Destination destination, Outside outside)
    : spool_(std::move(spool)), destination_(std::move(destination)), outside_(std::move(outside)) {
  thread_ = std::thread([this] { run(); });
}

void UploadSender::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    end_by_ = std::chrono::steady_clock::now() + kPatience;
  }
  changed_.notify_all();
  thread_.join();
}

Status UploadSender::send(const Upload& upload) {
  SIGNALBOX_TRY(const UploadSpool::Kept kept, spool_.keep(upload));
  {
    const std::lock_guard lock(mutex_);
    counts_.dropped += kept.dropped;
    has_more_ = true;
  }
  changed_.notify_all();
  return {};
}

SenderCounts UploadSender::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::size_t UploadSender::waiting() const {
  const auto files = spool_.waiting();
  return files ? files->size() : 0;
}

milliseconds UploadSender::drain_once() {
  RetryPolicy policy;
  policy.patience = kPatience;
  const auto drained = spool_.drain(
      [&](const Upload& upload) {
        {
          const std::lock_guard lock(mutex_);
          if (is_ending_ && std::chrono::steady_clock::now() > end_by_)
            return Answer{Taken::away, "the agent ends", {}};
        }
        Answer answer = deliver(upload, destination_, policy, outside_);
        const std::lock_guard lock(mutex_);
        if (answer.taken == Taken::yes) {
          ++counts_.sent;
          counts_.last_trouble.clear();
        }
        return answer;
      },
      kLockPatience);
  const std::lock_guard lock(mutex_);
  Answer last{Taken::away, {}, {}};
  if (drained) {
    last = drained->last;
    counts_.refused += drained->refused.size();
    if (!drained->refused.empty()) counts_.last_trouble = drained->refused.back().why;
  } else {
    last.why = drained.error().message;
  }
  if (last.taken == Taken::yes) {
    failures_ = 0;
    return {};
  }
  ++failures_;
  ++(last.taken == Taken::denied ? counts_.denied : counts_.failed);
  counts_.last_trouble = last.why;
  return pause_before(failures_, last, policy, outside_.chance());
}

void UploadSender::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return has_more_ || is_ending_; });
      if (!has_more_) return;
      has_more_ = false;
    }
    const milliseconds pause = drain_once();
    if (pause == milliseconds{}) continue;
    std::unique_lock lock(mutex_);
    has_more_ = true;
    if (changed_.wait_for(lock, pause, [&] { return is_ending_; })) return;
  }
}

}  // namespace signalbox::profile
