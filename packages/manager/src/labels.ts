/** The labels by which Gestor knows images and containers. */
export const LABELS = {
  /** `true` on a container that Gestor may remove. Nothing without it is ever a candidate. */
  managed: 'gestor.managed',
  /** `true` on a container that must stay whatever else it says. */
  protected: 'gestor.protected',
  /** What a container is for; `collector` is the only role. */
  role: 'gestor.role',
  /** `high` or `low`, set by the image. */
  kind: 'gestor.kind',
  /** CPU cores a container of the image is limited to, such as 0.15. */
  cpus: 'gestor.cpus',
  /** Memory a container of the image is limited to, such as 128m. */
  memory: 'gestor.memory',
  /** Hash of what an image was built from. */
  source: 'gestor.source',
  /** On the collector that a manager created: image, port and volumes it was created with. */
  createdWith: 'gestor.created-with',
} as const;
