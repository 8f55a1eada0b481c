/* How the threads of the targets spend their time, to the nanosecond: when each is taken from its processor, where it was in
   its code then, who wakes it, when it goes on. Only they cost more than a look-up. Part of profile.bpf.c. */
#pragma once

#define SB_BY_NAME __attribute__((preserve_access_index))
#define SB_READ(to, from) bpf_probe_read_kernel(&(to), sizeof(to), __builtin_preserve_access_index(&(from)))

struct task_struct { /* found by the running kernel's BTF */
  int pid;
  int tgid;
  unsigned int __state;
} SB_BY_NAME;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, SB_MAX_THREADS);
  __type(key, __u32); /* tid */
  __type(value, struct sb_timeline);
} sb_threads SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sb_settings);
} sb_set SEC(".maps");

static __always_inline struct sb_settings *sb_get_settings(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&sb_set, &zero);
}

/* The thread leaves its processor. */
static __always_inline void sb_leave(struct sb_timeline *timeline, __u32 state, __u64 now) {
  if (timeline->mode == SB_HELD || timeline->mode == SB_GONE) return;
  timeline->mode = SB_OFF;
  timeline->since_ns = now;
  timeline->state = state;
  timeline->stack = 0;
  timeline->waker.name[0] = 0;
}

/* The thread goes on: its wait is told of. */
static __always_inline void sb_return(struct sb_timeline *timeline, __u32 tid, __u64 now) {
  if (timeline->mode != SB_OFF && timeline->mode != SB_NEW && timeline->mode != SB_UNSEEN) return;
  struct sb_settings *settings = sb_get_settings();
  __u64 waited = now - timeline->since_ns;
  timeline->off_ns += waited;
  if (settings && waited < settings->min_wait_ns) {
    timeline->short_ns += waited;
    timeline->short_count += 1;
  } else {
    struct sb_wait wait = {
        .time_ns = timeline->since_ns,
        .stack = timeline->stack,
        .pid = timeline->pid,
        .tid = tid,
        .mode = timeline->mode,
        .kind = SB_WAIT,
        .waited_ns = waited,
        .state = timeline->state,
        .has_waker = timeline->waker.name[0] != 0,
        .waker = timeline->waker,
    };
    if (bpf_ringbuf_output(&sb_ring, &wait, sizeof wait, BPF_RB_NO_WAKEUP)) {
      timeline->lost_ns += waited;
      timeline->lost_count += 1;
    }
  }
  timeline->mode = SB_ON;
  timeline->since_ns = now;
}

SEC("raw_tp/sched_switch")
int sb_switch(struct bpf_raw_tracepoint_args *context) {
  __u64 now = bpf_ktime_get_ns();
  __u32 is_preempted = context->args[0] != 0;
  struct task_struct *leaves = (struct task_struct *)context->args[1];
  struct task_struct *comes = (struct task_struct *)context->args[2];
  __u32 tid = 0;
  SB_READ(tid, leaves->pid);
  struct sb_timeline *timeline = bpf_map_lookup_elem(&sb_threads, &tid);
  if (timeline && tid != 0) {
    unsigned int state = SB_STATE_RUNNABLE;
    if (!is_preempted) SB_READ(state, leaves->__state);
    sb_leave(timeline, state, now);
  }
  tid = 0;
  SB_READ(tid, comes->pid);
  timeline = bpf_map_lookup_elem(&sb_threads, &tid);
  if (timeline && tid != 0) sb_return(timeline, tid, now);
  return 0;
}

/* At each switch of a target's thread, behind sb_switch and before another thread runs: where it was. 1 gives the profiler a
   copy of its stack. */
SEC("perf_event")
int sb_take_switch(struct bpf_perf_event_data *context) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tid = (__u32)ids;
  __u32 tgid = ids >> 32;
  __u32 zero = 0;
  __u32 room = SB_SCRATCH_SWITCH;
  struct sb_timeline *timeline = bpf_map_lookup_elem(&sb_threads, &tid);
  if (!timeline || timeline->mode != SB_OFF) return 0;
  struct sb_counters *counted = bpf_map_lookup_elem(&sb_counted, &zero);
  struct sb_sample *sample = bpf_map_lookup_elem(&sb_scratch, &room);
  struct sb_process *process = bpf_map_lookup_elem(&sb_processes, &tgid);
  if (!counted || !sample) return 1;
  struct sb_walk walk = {.sample = sample, .process = process, .hash = 0};
  if (process && !sb_begin_in_kernel(context, &walk)) {
    if (walk.ip == 0)
      walk.end = SB_END_BOTTOM;
    else
      bpf_loop(SB_MAX_FRAMES, sb_step, &walk, 0);
    if (walk.end == SB_END_BOTTOM) {
      sb_send(&walk, SB_FRAMES, BPF_RB_NO_WAKEUP);
      timeline->stack = walk.hash;
      counted->samples += 1;
      counted->frames += walk.depth;
      return 0;
    }
  }
  counted->handed_up += 1;
  return 1;
}

/* In the thread that wakes another, or in an interrupt of whatever runs: its frames in the kernel say which. */
SEC("raw_tp/sched_waking")
int sb_wake(struct bpf_raw_tracepoint_args *context) {
  struct task_struct *woken = (struct task_struct *)context->args[0];
  __u32 tid = 0;
  SB_READ(tid, woken->pid);
  struct sb_timeline *timeline = bpf_map_lookup_elem(&sb_threads, &tid);
  if (!timeline || (timeline->mode != SB_OFF && timeline->mode != SB_UNSEEN)) return 0;
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tgid = ids >> 32;
  __u32 room = SB_SCRATCH_WAKER;
  struct sb_waker *waker = &timeline->waker;
  waker->pid = tgid;
  waker->tid = (__u32)ids;
  bpf_get_current_comm(waker->name, sizeof waker->name);
  waker->stack = 0;
  struct sb_sample *sample = bpf_map_lookup_elem(&sb_scratch, &room);
  if (!sample) return 0;
  struct sb_walk walk = {.sample = sample, .hash = 0};
  if (sb_begin_in_kernel(context, &walk)) return 0;
  walk.end = SB_END_BOTTOM;
  if (walk.ip != 0) {
    /* Only of targets, and of who woke one before, is it known what their code looks like. */
    walk.process = bpf_map_lookup_elem(&sb_processes, &tgid);
    walk.end = SB_END_UNKNOWN;
    if (walk.process) bpf_loop(SB_MAX_FRAMES, sb_step, &walk, 0);
  }
  waker->is_truncated = walk.end != SB_END_BOTTOM;
  sb_send(&walk, SB_FRAMES, BPF_RB_NO_WAKEUP);
  waker->stack = walk.hash;
  return 0;
}

SEC("raw_tp/sched_process_fork")
int sb_fork(struct bpf_raw_tracepoint_args *context) {
  __u32 zero = 0;
  __u32 tid = (__u32)bpf_get_current_pid_tgid();
  struct sb_timeline *parent = bpf_map_lookup_elem(&sb_threads, &tid);
  struct sb_settings *settings = sb_get_settings();
  if (!parent || parent->mode == SB_HELD || !settings) return 0;
  struct task_struct *child = (struct task_struct *)context->args[1];
  struct sb_timeline timeline = {.mode = SB_NEW};
  timeline.start_ns = bpf_ktime_get_ns();
  timeline.since_ns = timeline.start_ns;
  SB_READ(timeline.pid, child->tgid);
  if (!settings->follows_children && timeline.pid != parent->pid) return 0; /* a process; threads are followed */
  SB_READ(tid, child->pid);
  struct sb_counters *counted = bpf_map_lookup_elem(&sb_counted, &zero);
  if (bpf_map_update_elem(&sb_threads, &tid, &timeline, BPF_ANY) && counted) counted->untold += 1;
  return 0;
}

/* A thread that becomes another program gets the number of its process. */
SEC("raw_tp/sched_process_exec")
int sb_exec(struct bpf_raw_tracepoint_args *context) {
  __u32 before = (__u32)context->args[1];
  __u32 tid = (__u32)bpf_get_current_pid_tgid();
  struct sb_timeline *timeline = bpf_map_lookup_elem(&sb_threads, &before);
  if (!timeline) return 0;
  if (timeline->mode == SB_HELD) {
    timeline->start_ns = bpf_ktime_get_ns();
    timeline->since_ns = timeline->start_ns;
    timeline->mode = SB_ON;
  }
  if (before == tid) return 0;
  struct sb_timeline moved = *timeline;
  bpf_map_update_elem(&sb_threads, &tid, &moved, BPF_ANY);
  bpf_map_delete_elem(&sb_threads, &before);
  return 0;
}

SEC("raw_tp/sched_process_exit")
int sb_exit(struct bpf_raw_tracepoint_args *context) {
  __u64 ids = bpf_get_current_pid_tgid();
  __u32 tid = (__u32)ids;
  __u32 tgid = ids >> 32;
  struct sb_timeline *timeline = bpf_map_lookup_elem(&sb_threads, &tid);
  /* Its number may be another's soon, and nobody else says that who is no target ended. */
  if (!timeline && tid == tgid) bpf_map_delete_elem(&sb_processes, &tgid);
  if (!timeline) return 0;
  struct sb_ended ended = {.pid = tgid, .tid = tid, .kind = SB_ENDED};
  ended.time_ns = bpf_ktime_get_ns();
  ended.timeline = *timeline;
  if (timeline->mode != SB_HELD && bpf_ringbuf_output(&sb_ring, &ended, sizeof ended, BPF_RB_NO_WAKEUP)) {
    timeline->mode = SB_GONE;
    timeline->since_ns = ended.time_ns;
  } else {
    bpf_map_delete_elem(&sb_threads, &tid);
  }
  return 0;
}
