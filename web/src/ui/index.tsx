export { Button, type ButtonProps, IconButton } from "./buttons";
export { Dialog } from "./Dialog";
export { Badge, Card, Money, Progress, Spinner, Time } from "./display";
export { Field, Select, Slider, Switch, TextArea } from "./fields";
export { Icon, type IconName } from "./icons";
export { announce, LiveRegion, Toasts, toast } from "./live";
export { Menu, type MenuItem } from "./Menu";
export { Banner, Empty, ProblemNote } from "./notes";
export { type TabItem, Tabs } from "./Tabs";
