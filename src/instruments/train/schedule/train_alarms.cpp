#include "instruments/train/schedule/train_alarms.hpp"

#include <algorithm>

#include "instruments/train/after/aftermath.hpp"

namespace signalbox::train::schedule {

Result<Cadence> cadence_of(const Train& train, const Cadence& configured) {
  const std::string name = train.schedule ? train.schedule->cadence : std::string();
  const auto& names = cadence_names();
  if (name == configured.name || std::find(names.begin(), names.end(), name) == names.end())
    return configured;
  SIGNALBOX_TRY(Cadence out, preset(name));
  out.zone = configured.zone;
  return out;
}

Result<std::vector<MilestoneState>> read_milestones(const evidence::Ledger& ledger,
                                                    const evidence::Trust& trust, const Train& train,
                                                    const Cadence& configured, Time now) {
  SIGNALBOX_TRY(const Cadence cadence, cadence_of(train, configured));
  Reviewed reviewed = Reviewed::no;
  if (train.phase == Phase::departed || train.phase == Phase::rolled_back) {
    SIGNALBOX_TRY(const TrainEvents events, read_events(ledger, trust, train.id));
    reviewed = after::fold_aftermath(events).review ? Reviewed::yes : Reviewed::no;
  }
  return milestones_of(train, cadence, reviewed, now);
}

}  // namespace signalbox::train::schedule
