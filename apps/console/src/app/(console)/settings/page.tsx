import { SettingsPage } from '@/features/settings/settings-page.tsx';

export default SettingsPage;
