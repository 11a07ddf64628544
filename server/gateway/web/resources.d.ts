// The resources of the REST API, with the members that the page uses. Durations are "1.5s", int64 are strings.

export interface Status {
  message?: string;
  details?: { "@type": string; reason?: string; metadata?: { remedy?: string } }[];
}

export interface Recording {
  duration?: string;
  paused: boolean;
  part: number;
}

export interface AudioTrack {
  track: number;
  label: string;
  mixdown: boolean;
  gain_db: number;
  muted: boolean;
  connected: boolean;
  peak_dbfs: number;
}

export interface Finding {
  kind: string;
  detail: string;
  subject: string;
}

export interface SessionStats {
  fps: number;
  bitrate_kbps: number;
  dropped_frames?: Record<string, string>;
}

export interface Session {
  session_id: string;
  source_id: string;
  stats?: SessionStats;
  recording?: Recording;
  replay_duration?: string;
  error?: Status;
  audio?: AudioTrack[];
  findings?: Finding[];
}

export interface RecordingSession extends Session {
  recording: Recording;
}

export interface ReplayBuffer {
  filled?: string;
  capacity?: string;
}

export interface Screenshot {
  path: string;
}

export interface Marker {
  at?: string;
}

export interface ClipMarker {
  at?: string;
  duration?: string;
  label: string;
  kind: string;
}

export interface Clip {
  clip_id: string;
  title: string;
  state: string;
  origin: string;
  favourite: boolean;
  create_time: string;
  start_time?: string;
  duration?: string;
  size_bytes: string;
  video?: { width: number; height: number };
  media_url: string;
  thumbnail_url: string;
  markers?: ClipMarker[];
}

export interface ClipPage {
  clips: Clip[];
  next_page_token: string;
}

export interface SavedClip {
  clip_id: string;
  duration?: string;
}

export interface Operation {
  operation_id: string;
  state: string;
  progress: number;
  error?: Status;
  saved_clip?: SavedClip;
}
