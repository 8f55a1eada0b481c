#include "instruments/queries/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::queries::instrument().command, argc, argv);
}
