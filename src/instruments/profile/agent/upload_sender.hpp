// Sends what waits in a spool, on a thread of its own, so that a receiver that is slow or away holds up
// nobody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "instruments/profile/exchange/courier.hpp"
#include "instruments/profile/exchange/upload_spool.hpp"

namespace signalbox::profile {

struct SenderCounts {
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;   // attempts that found the receiver away
  std::uint64_t denied = 0;   // attempts that were not allowed
  std::uint64_t refused = 0;  // uploads that it will never take
  std::uint64_t dropped = 0;  // uploads that waited, and made room for others
  std::string last_trouble;   // empty: none since the last that was taken
};

class UploadSender {
 public:
  UploadSender(UploadSpool spool, Destination destination, Outside outside);
  ~UploadSender() { end(); }
  UploadSender(const UploadSender&) = delete;
  UploadSender& operator=(const UploadSender&) = delete;

  // Durable once this returns; sent when the receiver takes it.
  Status send(const Upload& upload);
  // Tries once more what waits, for ten seconds, unless the receiver was away just now. Nothing is sent after
  // it.
  void end();
  SenderCounts counts() const;
  std::size_t waiting() const;

 private:
  void run();
  // How long to leave the receiver alone; zero: all was taken.
  std::chrono::milliseconds drain_once();

  UploadSpool spool_;
  Destination destination_;
  Outside outside_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool has_more_ = true;  // a run before may have left some
  bool is_ending_ = false;
  std::chrono::steady_clock::time_point end_by_;
  int failures_ = 0;  // in a row
  SenderCounts counts_;
  std::thread thread_;
};

}  // namespace signalbox::profile
