// Names for what was recorded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/profile.hpp"
#include "instruments/profile/runtimes/jit_names.hpp"

namespace signalbox::profile {

// Stacks that are kept with their names of a recording that goes on: beyond them who records begins anew,
// with empty tables.
inline constexpr std::size_t kMaxStacks = 500'000;

// Frames that are not shown.
struct LeftOut {
  bool kernel = false;
  // How a thread leaves its processor, above what it waits in; what runs has these frames.
  bool scheduler = false;
};

// Columns of a profile, and of one of its samples: ("samples", "count"), and ("cpu", "nanoseconds") of
// Mode::cpu, ("offcpu", "nanoseconds") of Mode::off_cpu, both and their sum ("wall", "nanoseconds") of
// Mode::wall, (`hits`, "count") alone of Mode::hits.
std::vector<ValueType> columns_of(Mode mode, std::string_view hits = "hits");
// What its samples are taken by, and how often.
ValueType period_type_of(const Recording& recording);
std::int64_t period_of(const Recording& recording);
std::vector<std::int64_t> values_of(Mode mode, const RawSample& sample);

// Addresses of new stacks whose names were asked for.
struct NameLookups {
  std::int64_t hits = 0;    // were known from another stack
  std::int64_t misses = 0;  // were looked up
  NameLookups& operator+=(const NameLookups& more) {
    hits += more.hits;
    misses += more.misses;
    return *this;
  }
  NameLookups since(const NameLookups& before) const { return {hits - before.hits, misses - before.misses}; }
};

// Named stacks of a recording that may go on: each address is looked up once.
class StackNames {
 public:
  // The tables of `builder`, which has to live longer, take the names.
  explicit StackNames(ProfileBuilder& builder, LeftOut left_out = {});
  ~StackNames();
  StackNames(const StackNames&) = delete;
  StackNames& operator=(const StackNames&) = delete;

  // Has what the names of new stacks are read from read on a thread of its own, for `extend` to find.
  void read_ahead(const RawProfile& raw, const CodeTable& code);
  // Names the stacks that are new since the last call; runtimes are asked again what their code is called.
  void extend(const RawProfile& raw, const CodeTable& code);
  // By number of its RawNode.
  StackId operator[](std::uint32_t node) const { return stacks_[node]; }
  // What was said of runtimes at the last call.
  const std::vector<RuntimeNote>& notes() const;
  NameLookups lookups() const;
  // Why servers of symbols gave nothing, as one line; empty: they did what was asked, or nobody asked.
  // ProfileMaker puts it among the annotations.
  std::string trouble_of_servers() const;

 private:
  class Naming;
  FrameId on_its_own(FrameId id, FrameKind kind);

  ProfileBuilder& builder_;
  LeftOut left_out_;
  std::unique_ptr<Naming> naming_;
  std::vector<StackId> stacks_;
  std::size_t read_ahead_ = 0;  // RawNodes that were looked at
};

// Makes the profile of one recording.
class ProfileMaker {
 public:
  // Of a recording in this mode; `kernel`: with its frames; `hits`: as its column is called.
  explicit ProfileMaker(Mode mode = Mode::cpu, bool kernel = true, std::string_view hits = "hits");
  // While it is recorded, as often as one likes: what was sampled until now has its symbols read beside.
  void read_ahead(const Recorder& recorder) { names_.read_ahead(recorder.raw(), recorder.code()); }
  // The columns are those of the mode; samples with their times, functions with their inlined ones, the
  // kernel's and those of runtimes. Waits end in what was waited in: the scheduler's own functions above it
  // are left out, as in /proc/PID/wchan. What is to be said of runtimes is added to `notes`, where there is
  // any.
  Profile make(const Recording& recording, Annotations annotations,
               std::vector<RuntimeNote>* notes = nullptr) &&;

 private:
  Mode mode_;
  ProfileBuilder builder_;
  StackNames names_;
};

// The same of a recording that ended.
Profile named_profile(const Recording& recording, Annotations annotations);

}  // namespace signalbox::profile
