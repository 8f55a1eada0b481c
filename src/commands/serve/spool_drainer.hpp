// Logs what waits in the workspace's spool while the server runs.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "core/evidence/sequencer.hpp"
#include "core/evidence/spool.hpp"

namespace signalbox::serve {

// A thread that looks at its start, then every few seconds. What the store cannot take waits on.
class SpoolDrainer {
 public:
  // `say` is told what was logged and what was put aside. Called on the thread.
  SpoolDrainer(evidence::Spool spool, std::shared_ptr<evidence::Sequencer> sequencer,
               std::function<void(std::string_view)> say);
  SpoolDrainer(const SpoolDrainer&) = delete;
  SpoolDrainer& operator=(const SpoolDrainer&) = delete;
  ~SpoolDrainer();

 private:
  void run();
  void drain();

  evidence::Spool spool_;
  std::shared_ptr<evidence::Sequencer> sequencer_;
  std::function<void(std::string_view)> say_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace signalbox::serve
