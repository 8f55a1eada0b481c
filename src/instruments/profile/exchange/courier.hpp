// Sends an upload, and again where its receiver is away.
#pragma once

#include <chrono>
#include <functional>

#include "core/http/client.hpp"
#include "instruments/profile/exchange/upload.hpp"

namespace signalbox::profile {

// How often, and how long between: 1, 2, 4 … 60 seconds, of each the upper half by chance, and at least what
// Retry-After says. A receiver that wants to be left alone for longer than `longest_asked` is away.
struct RetryPolicy {
  int attempts = 1;
  std::chrono::milliseconds first{1'000};
  std::chrono::milliseconds longest{60'000};
  std::chrono::seconds longest_asked{120};
  std::chrono::milliseconds patience{30'000};  // for one answer
};
inline constexpr int kPatientAttempts = 8;  // 1 + 2 + 4 + 8 + 16 + 32 + 60 s at most

// The world outside, for tests to replace.
struct Outside {
  std::function<Result<http::ClientResponse>(const http::ClientRequest&)> send;
  std::function<bool(std::chrono::milliseconds)> pause;  // false: there is no more time
  std::function<double()> chance;                        // from 0 to below 1
};
Outside real_outside();

// Before the attempt that follows `made` of them.
std::chrono::milliseconds pause_before(int made, const Answer& answer, const RetryPolicy& policy,
                                       double chance);

Answer deliver(const Upload& upload, const Destination& destination, const RetryPolicy& policy,
               const Outside& outside);

}  // namespace signalbox::profile
