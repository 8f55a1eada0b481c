// How an agent is spoken to on its own machine: a socket in the workspace that its owner alone can open. No
// page in a browser reaches it, and no other user.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

// Of an agent, for words that are due at once.
inline constexpr std::chrono::seconds kAskerPatience{2};

// A word of a line there, a line back.
class ControlSocket {
 public:
  // Listens; what a killed agent left there is replaced, so hold the agent's lock.
  static Result<ControlSocket> listen(const std::filesystem::path& path);
  ~ControlSocket();
  ControlSocket(ControlSocket&&) = default;
  ControlSocket& operator=(ControlSocket&&) = default;

  // Answers who waits, without waiting itself but for a word of theirs; who says none gets no answer. It
  // waits for `patience` in all, however many there are and however slowly they speak: who is not heard until
  // then and stands behind them is the next call's.
  void answer(const std::function<std::string(std::string_view word)>& reply,
              std::chrono::milliseconds patience = kAskerPatience);

 private:
  ControlSocket(std::filesystem::path path, FileDescriptor socket)
      : path_(std::move(path)), socket_(std::move(socket)) {}
  std::filesystem::path path_;
  FileDescriptor socket_;
};

// unavailable where no agent listens, or it does not answer within ten seconds.
Result<std::string> ask_agent(const std::filesystem::path& path, std::string_view word);

}  // namespace signalbox::profile
