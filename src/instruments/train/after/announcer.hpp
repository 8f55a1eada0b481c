// Tells channels of trains, and writes into the log what became of it: each step before it is done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/news.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/teller.hpp"

namespace signalbox::train::after {

// Who is told of what.
struct AnnounceQuery {
  std::optional<Moment> moment;        // absent: all that is due
  std::optional<std::string> channel;  // absent: all
  std::vector<std::string> again;      // channels in which what may have arrived is told again
  std::optional<std::string> key;      // who signs; absent: this machine's
  // Where nothing is told, what would be is the answer.
  enum class Mode { tell, try_out } mode = Mode::tell;
};

// What became of one message in one channel.
struct AnnounceRow {
  std::string train, key, channel, kind;
  Moment moment = Moment::planning;
  Words words;
  enum class State {
    told,      // now
    was_told,  // before
    would_be_told,
    under_way,  // somebody is at it
    unknown,    // it may have arrived
    failed,     // it has not
  } state = State::told;
  std::string why;
  int tries = 0;
};
std::string_view name_of(AnnounceRow::State state);  // "may have arrived"

class Announcer {
 public:
  Announcer(Office& office, TellerParts parts, const Clock& clock, AnnounceQuery query)
      : office_(office), parts_(std::move(parts)), clock_(clock), query_(std::move(query)) {}

  // Of one train, each message in each of its channels, one after the other. conflict where the moment that
  // is asked for has not come.
  Result<std::vector<AnnounceRow>> announce(const std::string& train);

 private:
  Result<std::vector<News>> all_news(const std::string& train) const;
  Result<std::vector<News>> wanted_news(const std::string& train) const;
  Result<AnnounceRow> tell_channel(const std::string& train, const News& news, const Channel& channel);
  Telling telling_of(const Delivery* before, const Channel& channel) const;
  Result<std::optional<AnnounceRow>> carry_out(AnnounceRow row, const Channel& channel,
                                               const TrainEvents& events);
  Status tell_outcome(const AnnounceRow& row, const Outcome& outcome, const std::string& digest);

  Office& office_;
  TellerParts parts_;
  const Clock& clock_;
  AnnounceQuery query_;
};

// Of all rows, and of the messages themselves where nothing is told.
Report announce_report(const std::vector<AnnounceRow>& rows, const std::string& of);

// Every delivery of a train that the log knows.
Report deliveries_report(const Told& told);

}  // namespace signalbox::train::after
