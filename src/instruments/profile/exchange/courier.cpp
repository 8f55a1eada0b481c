#include "instruments/profile/exchange/courier.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;

// No answer is `away`, but for what no second attempt mends: a request that cannot be sent.
Answer once(const http::ClientRequest& request, const Destination& destination, const Outside& outside) {
  const auto response = outside.send(request);
  if (response) return judged(*response, destination);
  const Error& error = response.error();
  return {error.kind == ErrorKind::unavailable ? Taken::away : Taken::refused, error.message, {}};
}

}  // namespace

Outside real_outside() {
  return {[](const http::ClientRequest& request) { return http::send(request); },
          [](milliseconds time) {
            std::this_thread::sleep_for(time);
            return true;
          },
          [] {
            thread_local std::mt19937 random{std::random_device{}()};
            return std::uniform_real_distribution<double>(0, 1)(random);
          }};
}

milliseconds pause_before(int made, const Answer& answer, const RetryPolicy& policy, double chance) {
  constexpr int kMostDoublings = 16;
  const milliseconds limit =
      std::min(policy.first * (1 << std::min(made - 1, kMostDoublings)), policy.longest);
  const milliseconds drawn =
      limit / 2 + milliseconds(static_cast<std::int64_t>(static_cast<double>(limit.count()) / 2 * chance));
  return std::max(drawn, milliseconds(answer.not_before.value_or(std::chrono::seconds{})));
}

Answer deliver(const Upload& upload, const Destination& destination, const RetryPolicy& policy,
               const Outside& outside) {
  http::ClientRequest request = request_of(upload, destination);
  request.deadline = policy.patience;
  for (int made = 1;; ++made) {
    Answer answer = once(request, destination, outside);
    if (answer.taken != Taken::away || made >= policy.attempts) return answer;
    if (answer.not_before && *answer.not_before > policy.longest_asked) return answer;
    if (!outside.pause(pause_before(made, answer, policy, outside.chance()))) return answer;
  }
}

}  // namespace signalbox::profile
