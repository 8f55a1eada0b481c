// Cuts a recording that goes on into profiles of its parts, without a gap between them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/symbolize.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// What was counted from one look at a session to the next.
struct Cut {
  std::int64_t duration_ns = 0;
  std::int64_t samples = 0;
  std::int64_t lost = 0;
  std::int64_t lost_ns = 0;  // processor time that lost samples stand for
  Truncations truncated;
  std::int64_t cpu_ns = 0;                // by samples
  std::int64_t off_ns = 0;                // of waits, where they are told of
  std::int64_t target_cpu_ns = 0;         // by the kernel's account
  std::optional<std::int64_t> stolen_ns;  // nullopt: not known
  std::int64_t beside_ns = 0;
  NameLookups lookups;
};

// Names are looked up once, whatever number of cuts has them.
class SessionCutter {
 public:
  // Of sessions in this mode; `kernel`: with its frames.
  explicit SessionCutter(Mode mode = Mode::cpu, bool kernel = true) : mode_(mode), kernel_(kernel) {}
  // What came since the last cut; the first begins with the session. profile() has its samples until the
  // next.
  Cut cut(Session& session);
  // Leaves out what came since the last cut; how long that was, in nanoseconds.
  std::int64_t skip(Session& session);
  // The next cut is the first one of another session, in empty tables; profile() stays until then.
  void begin_anew();
  // Stacks that were ever seen: what this keeps in memory.
  std::size_t stacks() const { return tables_->builder.profile().stacks.size(); }
  const Profile& profile() const { return tables_->builder.profile(); }
  ProfileBuilder& builder() { return tables_->builder; }

 private:
  struct Tables {
    Tables(Mode mode, bool kernel)
        : builder(columns_of(mode)), names(builder, {!kernel, tells_waits(mode)}) {}
    ProfileBuilder builder;
    StackNames names;
  };
  Mode mode_;
  bool kernel_;
  std::unique_ptr<Tables> tables_ = std::make_unique<Tables>(mode_, kernel_);
  Recording before_;      // what was true at the last cut, but for stacks, code and threads
  bool is_anew_ = false;  // tables_ are those of a session before
};

}  // namespace signalbox::profile
