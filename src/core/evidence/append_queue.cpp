#include "core/evidence/append_queue.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace signalbox::evidence {
namespace {

Error stopped() {
  return {ErrorKind::unavailable, "the log takes no more entries: the program is ending", "send it again"};
}

}  // namespace

// A call larger than the limits is let in when it is alone.
bool AppendQueue::fits(const AppendCall& call) const {
  return queue_.empty() ||
         (entries_ + call.envelopes.size() <= kMaxEntries && bytes_ + call.bytes_ <= kMaxBytes);
}

void AppendQueue::put(std::shared_ptr<AppendCall> call, Reading reading) {
  const std::size_t count = call->envelopes.size();
  if (count == 0) {
    call->answer.set_value(std::vector<Receipt>{});
    return;
  }
  for (const std::string& envelope : call->envelopes) call->bytes_ += envelope.size();
  call->candidates.resize(count);
  call->unread_ = count;
  Lock lock(mutex_);
  has_room_.wait(lock, [&] { return stopping_ || fits(*call); });
  if (stopping_) {
    call->answer.set_value(fail(stopped()));
    return;
  }
  entries_ += count;
  bytes_ += call->bytes_;
  queue_.push_back(call);
  to_read_.push_back(call);
  const bool needs_others = reading == Reading::by_others || count > kReadAtOnce;
  if (needs_others) count > kReadAtOnce ? has_unread_.notify_all() : has_unread_.notify_one();
  while (reading == Reading::by_all && call->next_ < count) read_some(*call, lock);
}

// Calls whose envelopes are all taken leave the line of those to read. Null: there is nothing to read.
AppendCall* AppendQueue::next_unread() {
  while (!to_read_.empty() && to_read_.front()->next_ == to_read_.front()->envelopes.size())
    to_read_.pop_front();
  return to_read_.empty() ? nullptr : to_read_.front().get();
}

// The call stays in the queue, and so alive, as long as this reads of it: it is handed over when nothing is
// unread.
void AppendQueue::read_some(AppendCall& call, Lock& lock) {
  const std::size_t first = call.next_;
  const std::size_t end = std::min(first + kReadAtOnce, call.envelopes.size());
  call.next_ = end;
  (void)next_unread();
  lock.unlock();
  std::optional<Error> why;
  std::size_t at = first;
  for (; at < end; ++at) {
    auto candidate = read_candidate(std::move(call.envelopes[at]), admission_);
    if (!candidate) {
      why = std::move(candidate).error();
      break;
    }
    call.candidates[at] = std::move(*candidate);
  }
  lock.lock();
  if (why) note_refusal(call, at, std::move(*why));
  call.unread_ -= end - first;
  if (call.unread_ == 0) is_read_.notify_one();
}

// Envelopes are taken in order: those before a refused one are read or being read, those behind it need not
// be.
void AppendQueue::note_refusal(AppendCall& call, std::size_t index, Error why) {
  if (call.refusal && call.refused_ < index) return;
  call.refused_ = index;
  call.refusal = fail_in(fmt::format("envelope {}", index + 1), std::move(why)).value();
  call.unread_ -= call.envelopes.size() - call.next_;
  call.next_ = call.envelopes.size();
}

void AppendQueue::read_until_stopped() {
  Lock lock(mutex_);
  for (;;) {
    has_unread_.wait(lock, [&] { return next_unread() != nullptr || stopping_; });
    AppendCall* const call = next_unread();
    if (call == nullptr) return;
    read_some(*call, lock);
  }
}

// Half of what fits one commit is read: the rest can be read while that is written, and a commit of few costs
// nearly as much as one of many. Nobody waits for a call that would not be in the same commit.
bool AppendQueue::is_worth_taking(std::size_t most_entries) const {
  std::size_t fitting = 0;
  std::size_t read = 0;
  bool is_unbroken = true;  // all before it is read
  for (const auto& call : queue_) {
    if (fitting > 0 && fitting + call->envelopes.size() > most_entries) break;
    fitting += call->envelopes.size();
    is_unbroken = is_unbroken && call->unread_ == 0;
    if (is_unbroken) read = fitting;
  }
  return read > 0 && read >= fitting - read;
}

AppendQueue::Calls AppendQueue::take(std::size_t most_entries) {
  const auto is_read = [&] { return !queue_.empty() && queue_.front()->unread_ == 0; };
  Lock lock(mutex_);
  while (!is_worth_taking(most_entries) && !(stopping_ && queue_.empty())) {
    if (AppendCall* const call = next_unread()) {
      read_some(*call, lock);
    } else {
      is_read_.wait(lock);
    }
  }
  Calls out;
  for (std::size_t entries = 0; is_read(); queue_.pop_front()) {
    AppendCall& next = *queue_.front();
    entries += next.envelopes.size();
    if (!out.empty() && entries > most_entries) break;
    entries_ -= next.envelopes.size();
    bytes_ -= next.bytes_;
    out.push_back(std::move(queue_.front()));
  }
  lock.unlock();
  has_room_.notify_all();
  return out;
}

void AppendQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  has_unread_.notify_all();
  is_read_.notify_all();
  has_room_.notify_all();
}

}  // namespace signalbox::evidence
