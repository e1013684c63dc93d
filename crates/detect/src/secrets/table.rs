//! The kinds of secrets, one row each. A row that is added here is a variant, a detector and a test.

use bartizan_finding::Severity::{self, High, Low, Medium};

use super::{
    assigned::{Assigned, ValueCheck},
    row::{Form, Row},
    sample::{ALNUM, BECH32, CAPITALS, DIGITS, LETTERS, LOWER_HEX, github, pem, random},
    token::{
        Check::{
            self, Azure, Digits, EndsWith, GithubChecksum, JwtHeader, Openai, Random, RandomCase, Telegram,
        },
        Part::{self, Is, Of},
        Token,
    },
};
use crate::{
    detector::Rank,
    view::{alnum, digit, letter, url64, word},
};

#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    row("aws-access-key-id", "Amazon Web Services access key id", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html", High,
        token(&["AKIA", "ASIA"], &[Of(base_32, 16, 16)], Random),
        || format!("AKIA{}", random(CAPITALS, 16)), || format!("AKIA{}EXAMPLE", random(CAPITALS, 9))),
    row("aws-secret-access-key", "Amazon Web Services secret access key", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html", High,
        assigned(&["aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey", "secretAccessKey", "secret_access_key", "aws_secret_key", "AWS_SECRET_KEY"], base_64, (40, 40)),
        || format!("aws_secret_access_key = {}", random(ALNUM, 40)), || format!("aws_secret_access_key = {}", random(ALNUM, 39))),
    row("aws-bedrock-api-key", "Amazon Bedrock long-term API key", "https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html", High,
        token(&["ABSKQmVkcm9ja0FQSUtleS1"], &[Of(base_64, 80, 270)], Random),
        || format!("ABSKQmVkcm9ja0FQSUtleS1{}", random(ALNUM, 109)), || "ABSKQmVkcm9ja0FQSUtleS1EXAMPLE".to_owned()),
    row("github-token", "GitHub token", "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github", High,
        token(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], &[Of(alnum, 36, 36)], GithubChecksum),
        || github("ghp_"), || format!("ghp_{}", "x".repeat(36))),
    row("github-fine-grained-token", "GitHub fine-grained personal access token", "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens", High,
        token(&["github_pat_"], &[Of(alnum, 22, 22), Is("_"), Of(alnum, 59, 59)], Random),
        || format!("github_pat_{}_{}", random(ALNUM, 22), random(ALNUM, 59)), || format!("github_pat_{}", random(ALNUM, 22))),
    row("gitlab-token", "GitLab token", "https://docs.gitlab.com/security/tokens/#token-prefixes", High,
        token(&["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-", "glagent-", "gloas-", "glffct-", "glimt-"], &[Of(url64_dot, 20, 330)], Random),
        || format!("glpat-{}", random(ALNUM, 20)), || format!("glpat-{}", "X".repeat(20))),
    row("slack-token", "Slack token", "https://api.slack.com/concepts/token-types", High,
        token(&["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xapp-"], &[Of(url64, 24, 255)], Digits(6)),
        || format!("xoxb-{}-{}-{}", random(DIGITS, 12), random(DIGITS, 13), random(ALNUM, 24)), || "xoxb-my-bot-token-goes-in-here".to_owned()),
    row("slack-configuration-token", "Slack app configuration token", "https://api.slack.com/concepts/token-types#config", High,
        token(&["xoxe.xoxb-", "xoxe.xoxp-", "xoxe-"], &[Of(url64, 100, 300)], RandomCase),
        || format!("xoxe.xoxp-1-{}", random(ALNUM, 160)), || "xoxe.xoxp-1-initial".to_owned()),
    row("slack-webhook", "Slack incoming webhook", "https://api.slack.com/messaging/webhooks", High,
        token(&["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"], &[Of(base_64, 36, 80)], Random),
        || format!("https://hooks.slack.com/services/T{}/B{}/{}", random(CAPITALS, 8), random(CAPITALS, 9), random(ALNUM, 24)), || "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX".to_owned()),
    row("stripe-live", "Stripe live secret or restricted key", "https://docs.stripe.com/keys", High,
        token(&["sk_live_", "rk_live_", "sk_prod_", "rk_prod_"], &[Of(alnum, 24, 120)], Random),
        || format!("sk_live_{}", random(ALNUM, 24)), || format!("pk_live_{}", random(ALNUM, 24))),
    row("stripe-test", "Stripe test key", "https://docs.stripe.com/keys", Low,
        token(&["sk_test_", "rk_test_"], &[Of(alnum, 24, 120)], Random),
        || format!("sk_test_{}", random(ALNUM, 24)), || format!("sk_test_{}", random(ALNUM, 12))),
    row("stripe-webhook-secret", "Stripe webhook signing secret", "https://docs.stripe.com/webhooks/signature", High,
        token(&["whsec_"], &[Of(alnum, 32, 64)], Random),
        || format!("whsec_{}", random(ALNUM, 32)), || "whsec_your_signing_secret_goes_here".to_owned()),
    row("openai", "OpenAI API key", "https://platform.openai.com/docs/api-reference/authentication", High,
        token(&["T3BlbkFJ"], &[Of(url64, 20, 180)], Openai),
        || format!("sk-proj-{}T3BlbkFJ{}", random(ALNUM, 58), random(ALNUM, 58)), || format!("pk-{}T3BlbkFJ{}", random(ALNUM, 20), random(ALNUM, 20))),
    row("anthropic", "Anthropic API key", "https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key", High,
        token(&["sk-ant-api03-", "sk-ant-admin01-", "sk-ant-oat01-"], &[Of(url64, 95, 95)], EndsWith("AA")),
        || format!("sk-ant-api03-{}AA", random(ALNUM, 93)), || format!("sk-ant-api03-{}BB", random(ALNUM, 93))),
    row("hugging-face", "Hugging Face access token", "https://huggingface.co/docs/hub/security-tokens", High,
        token(&["hf_", "api_org_"], &[Of(letter, 34, 34)], RandomCase),
        || format!("hf_{}", random(LETTERS, 34)), || "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".to_owned()),
    row("google-api-key", "Google API key", "https://cloud.google.com/docs/authentication/api-keys", High,
        token(&["AIza"], &[Of(url64, 35, 35)], RandomCase),
        || format!("AIza{}", random(ALNUM, 35)), || format!("AIza{}", "a".repeat(35))),
    row("google-oauth-secret", "Google OAuth client secret", "https://developers.google.com/identity/protocols/oauth2", High,
        token(&["GOCSPX-"], &[Of(url64, 28, 28)], Random),
        || format!("GOCSPX-{}", random(ALNUM, 28)), || "GOCSPX-your-client-secret".to_owned()),
    row("gcp-service-account", "Google Cloud service account key", "https://cloud.google.com/iam/docs/keys-create-delete", High,
        Form::Pem { service_account: true },
        || format!("\"private_key\": \"{}\"", pem("PRIVATE KEY", 400, "\\n")), || "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n...\"".to_owned()),
    row("azure-storage-key", "Azure storage account key", "https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage", High,
        token(&["AccountKey="], &[Of(base_64, 86, 88)], RandomCase),
        || format!("AccountKey={}==", random(ALNUM, 86)), || format!("AccountKey={}==", random(ALNUM, 40))),
    row("azure-client-secret", "Microsoft Entra client secret", "https://learn.microsoft.com/en-us/entra/identity-platform/how-to-add-credentials", High,
        token(&["0Q~", "1Q~", "2Q~", "3Q~", "4Q~", "5Q~", "6Q~", "7Q~", "8Q~", "9Q~"], &[Of(azure, 31, 34)], Azure),
        || format!("abc8Q~{}", random(ALNUM, 34)), || format!("8Q~{}", random(ALNUM, 34))),
    row("npm", "npm access token", "https://docs.npmjs.com/about-access-tokens", High,
        token(&["npm_"], &[Of(alnum, 36, 36)], Random),
        || format!("npm_{}", random(ALNUM, 36)), || "npm_config_registry".to_owned()),
    row("pypi", "PyPI API token", "https://docs.pypi.org/trusted-publishers/", High,
        token(&["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], &[Of(url64, 50, 1000)], Random),
        || format!("pypi-AgEIcHlwaS5vcmc{}", random(ALNUM, 120)), || format!("pypi-AgEIcHlwaS5vcmc{}", random(ALNUM, 20))),
    row("docker-hub", "Docker Hub access token", "https://docs.docker.com/security/access-tokens/", High,
        token(&["dckr_pat_", "dckr_oat_"], &[Of(url64, 27, 36)], Random),
        || format!("dckr_pat_{}", random(ALNUM, 27)), || format!("dckr_pat_{}", "x".repeat(27))),
    row("digitalocean", "DigitalOcean token", "https://docs.digitalocean.com/reference/api/create-personal-access-token/", High,
        token(&["dop_v1_", "doo_v1_", "dor_v1_"], &[Of(hex, 64, 64)], Random),
        || format!("dop_v1_{}", random(LOWER_HEX, 64)), || format!("dop_v1_{}", random(LOWER_HEX, 63))),
    row("heroku", "Heroku API key", "https://devcenter.heroku.com/articles/authentication", High,
        token(&["HRKU-"], &[Of(url64, 60, 60)], Random),
        || format!("HRKU-AA{}", random(ALNUM, 58)), || format!("HRKU-{}", random(ALNUM, 12))),
    row("twilio", "Twilio API key or auth token", "https://www.twilio.com/docs/iam/api-keys", High,
        assigned(&["TWILIO", "Twilio", "twilio"], alnum, (32, 34)),
        || format!("TWILIO_AUTH_TOKEN={}", random(LOWER_HEX, 32)), || format!("TWILIO_REGION={}", random(LOWER_HEX, 8))),
    row("sendgrid", "SendGrid API key", "https://docs.sendgrid.com/ui/account-and-settings/api-keys", High,
        token(&["SG."], &[Of(url64, 22, 22), Is("."), Of(url64, 43, 43)], Random),
        || format!("SG.{}.{}", random(ALNUM, 22), random(ALNUM, 43)), || format!("SG.{}", random(ALNUM, 22))),
    row("mailgun", "Mailgun API key", "https://documentation.mailgun.com/docs/mailgun/api-reference/mg-auth", High,
        token(&["key-"], &[Of(hex, 32, 32)], Random),
        || format!("key-{}", random(LOWER_HEX, 32)), || "key-value-store".to_owned()),
    row("mailchimp", "Mailchimp API key", "https://mailchimp.com/developer/marketing/guides/quick-start/", High,
        assigned(&["MAILCHIMP", "Mailchimp", "mailchimp", "MailChimp"], url64, (36, 38)),
        || format!("mailchimp_api_key: {}-us12", random(LOWER_HEX, 32)), || "mailchimp_list: weekly".to_owned()),
    row("telegram-bot", "Telegram bot token", "https://core.telegram.org/bots/api#authorizing-your-bot", High,
        token(&[":AA"], &[Of(url64, 33, 33)], Telegram),
        || format!("4839574812:AA{}", random(ALNUM, 33)), || format!("12:AA{}", random(ALNUM, 33))),
    row("discord-bot", "Discord bot token", "https://discord.com/developers/docs/reference#authentication", High,
        assigned(&["DISCORD", "Discord", "discord"], url64_dot, (59, 80)),
        || format!("DISCORD_TOKEN=MTk4{}.{}.{}", random(ALNUM, 20), random(ALNUM, 6), random(ALNUM, 27)), || "DISCORD_TOKEN=your.token.here".to_owned()),
    row("discord-webhook", "Discord webhook", "https://discord.com/developers/docs/resources/webhook", High,
        token(&["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], &[Of(digit, 17, 20), Is("/"), Of(url64, 60, 80)], RandomCase),
        || format!("https://discord.com/api/webhooks/{}/{}", random(DIGITS, 18), random(ALNUM, 68)), || "https://discord.com/api/webhooks/id/token".to_owned()),
    row("jwt", "JSON web token", "https://www.rfc-editor.org/rfc/rfc7519", Medium,
        token(&["eyJ"], &[Of(url64, 12, 1000), Is(".eyJ"), Of(url64, 8, 4000), Is("."), Of(url64, 16, 1400)], JwtHeader),
        || format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.{}", random(ALNUM, 43)), || format!("eyJzdWIiOiJhbmEifQ.eyJzdWIiOiJhbmEifQ.{}", random(ALNUM, 43))),
    row("private-key", "Private key in PEM", "https://www.rfc-editor.org/rfc/rfc7468", High,
        Form::Pem { service_account: false },
        || pem("RSA PRIVATE KEY", 800, "\n"), || pem("PUBLIC KEY", 300, "\n")),
    row("age-key", "age identity", "https://github.com/FiloSottile/age#readme", High,
        token(&["AGE-SECRET-KEY-1"], &[Of(base_32_any, 58, 58)], Random),
        || format!("AGE-SECRET-KEY-1{}", random(BECH32, 58)), || format!("AGE-SECRET-KEY-1{}", random(BECH32, 20))),
    row("databricks", "Databricks personal access token", "https://docs.databricks.com/aws/en/dev-tools/auth/pat", High,
        token(&["dapi"], &[Of(hex_dash, 32, 34)], Random),
        || format!("dapi{}", random(LOWER_HEX, 32)), || "dapiversion".to_owned()),
    row("replicate", "Replicate API token", "https://replicate.com/docs/topics/security/api-tokens", High,
        token(&["r8_"], &[Of(alnum, 37, 37)], Random),
        || format!("r8_{}", random(ALNUM, 37)), || format!("r8_{}", random(ALNUM, 20))),
    row("groq", "Groq API key", "https://console.groq.com/docs/api-keys", High,
        token(&["gsk_"], &[Of(alnum, 52, 52)], Random),
        || format!("gsk_{}", random(ALNUM, 52)), || format!("gsk_{}", random(ALNUM, 20))),
    row("xai", "xAI API key", "https://docs.x.ai/docs/tutorial", High,
        token(&["xai-"], &[Of(alnum, 80, 80)], Random),
        || format!("xai-{}", random(ALNUM, 80)), || "xai-explainable".to_owned()),
    row("perplexity", "Perplexity API key", "https://docs.perplexity.ai/guides/api-key-management", High,
        token(&["pplx-"], &[Of(alnum, 48, 48)], Random),
        || format!("pplx-{}", random(ALNUM, 48)), || "pplx-7b-online".to_owned()),
    row("cohere", "Cohere API key", "https://docs.cohere.com/docs/rate-limits", High,
        assigned(&["COHERE", "Cohere", "cohere", "CO_API_KEY"], alnum, (40, 40)),
        || format!("CO_API_KEY={}", random(ALNUM, 40)), || "cohere_model: command-r-plus".to_owned()),
    row("wandb", "Weights & Biases API key", "https://docs.wandb.ai/support/find_api_key/", High,
        assigned(&["WANDB_API_KEY", "wandb_api_key"], alnum, (40, 86)),
        || format!("WANDB_API_KEY={}", random(LOWER_HEX, 40)), || "WANDB_API_KEY=local".to_owned()),
    row("pinecone", "Pinecone API key", "https://docs.pinecone.io/guides/projects/manage-api-keys", High,
        token(&["pcsk_"], &[Of(word, 50, 90)], Random),
        || format!("pcsk_{}_{}", random(ALNUM, 6), random(ALNUM, 63)), || "pcsk_index_name".to_owned()),
    row("shopify", "Shopify token or secret", "https://shopify.dev/docs/apps/build/authentication-authorization", High,
        token(&["shpat_", "shpca_", "shppa_", "shpss_"], &[Of(hex, 32, 32)], Random),
        || format!("shpat_{}", random(LOWER_HEX, 32)), || format!("shpat_{}", random(LOWER_HEX, 31))),
    row("square", "Square token or secret", "https://developer.squareup.com/docs/build-basics/access-tokens", High,
        token(&["sq0atp-", "sq0csp-", "EAAA"], &[Of(url64, 22, 60)], Random),
        || format!("sq0atp-{}", random(ALNUM, 22)), || "sq0idp-application".to_owned()),
    row("facebook", "Facebook page access token", "https://developers.facebook.com/docs/facebook-login/guides/access-tokens/", High,
        token(&["EAAM", "EAAC", "EAAG", "EAAB"], &[Of(alnum, 100, 300)], Random),
        || format!("EAAM{}", random(ALNUM, 190)), || format!("EAAM{}", random(ALNUM, 40))),
    row("sourcegraph", "Sourcegraph access token", "https://sourcegraph.com/docs/cli/how-tos/creating-an-access-token", High,
        token(&["sgp_"], &[Of(word, 40, 64)], Random),
        || format!("sgp_{}", random(LOWER_HEX, 40)), || "sgp_setpoint".to_owned()),
    row("sonarqube", "SonarQube token", "https://docs.sonarsource.com/sonarqube-server/user-guide/managing-tokens", High,
        token(&["squ_", "sqp_", "sqa_"], &[Of(hex, 40, 40)], Random),
        || format!("squ_{}", random(LOWER_HEX, 40)), || format!("squ_{}", random(LOWER_HEX, 20))),
    row("openshift", "OpenShift OAuth token", "https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/authentication_and_authorization/", High,
        token(&["sha256~"], &[Of(url64, 43, 43)], Random),
        || format!("sha256~{}", random(ALNUM, 43)), || format!("sha256~{}", random(ALNUM, 20))),
    row("onepassword", "1Password service account token", "https://developer.1password.com/docs/service-accounts/", High,
        token(&["ops_eyJ"], &[Of(base_64, 250, 1400)], RandomCase),
        || format!("ops_eyJ{}", random(ALNUM, 600)), || "ops_eyJzaWduSW4".to_owned()),
    row("linear", "Linear API key", "https://linear.app/docs/api-and-webhooks", High,
        token(&["lin_api_", "lin_oauth_"], &[Of(alnum, 40, 64)], Random),
        || format!("lin_api_{}", random(ALNUM, 40)), || "lin_api_version".to_owned()),
    row("grafana", "Grafana token", "https://grafana.com/docs/grafana/latest/administration/service-accounts/", High,
        token(&["glsa_"], &[Of(alnum, 32, 32), Is("_"), Of(hex, 8, 8)], Random),
        || format!("glsa_{}_{}", random(ALNUM, 32), random(LOWER_HEX, 8)), || format!("glsa_{}_AAAAAAAA", "X".repeat(32))),
    row("grafana-cloud", "Grafana Cloud token", "https://grafana.com/docs/grafana-cloud/security-and-account-management/authentication-and-permissions/access-policies/", High,
        token(&["glc_eyJ"], &[Of(base_64, 32, 400)], RandomCase),
        || format!("glc_eyJ{}", random(ALNUM, 100)), || format!("glc_eyJ{}", "1".repeat(40))),
    row("vault", "HashiCorp Vault token", "https://developer.hashicorp.com/vault/docs/concepts/tokens", High,
        token(&["hvs.", "hvb.", "hvr."], &[Of(url64, 24, 300)], Random),
        || format!("hvs.{}", random(ALNUM, 95)), || format!("hvs.{}", "x".repeat(95))),
    row("terraform-cloud", "HCP Terraform token", "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens", High,
        token(&["atlasv1."], &[Of(url64, 60, 70)], Random),
        || format!("atlasv1.{}", random(ALNUM, 67)), || format!("atlasv1.{}", random(ALNUM, 12))),
    row("notion", "Notion integration token", "https://developers.notion.com/docs/authorization", High,
        token(&["ntn_"], &[Of(digit, 11, 11), Of(alnum, 35, 35)], Random),
        || format!("ntn_{}{}", random(DIGITS, 11), random(ALNUM, 35)), || "ntn_group".to_owned()),
    row("sentry", "Sentry token", "https://docs.sentry.io/account/auth-tokens/", High,
        token(&["sntrys_eyJ", "sntryu_"], &[Of(base_64_word, 64, 400)], Random),
        || format!("sntryu_{}", random(LOWER_HEX, 64)), || format!("sntryu_{}", "a".repeat(64))),
    row("postman", "Postman API key", "https://learning.postman.com/docs/developer/postman-api/authentication/", High,
        token(&["PMAK-"], &[Of(hex, 24, 24), Is("-"), Of(hex, 34, 34)], Random),
        || format!("PMAK-{}-{}", random(LOWER_HEX, 24), random(LOWER_HEX, 34)), || format!("PMAK-{}", random(LOWER_HEX, 24))),
    row("new-relic", "New Relic user key", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/", High,
        token(&["NRAK-"], &[Of(base_32_any, 27, 27)], Random),
        || format!("NRAK-{}", random(CAPITALS, 27)), || format!("NRAK-{}", random(CAPITALS, 12))),
    row("doppler", "Doppler token", "https://docs.doppler.com/reference/auth-token-formats", High,
        token(&["dp.pt.", "dp.st.", "dp.sa."], &[Of(word_dot, 40, 80)], Random),
        || format!("dp.pt.{}", random(ALNUM, 43)), || "dp.pt.text".to_owned()),
    row("fly-io", "Fly.io access token", "https://fly.io/docs/security/tokens/", High,
        token(&["fm2_", "fm1r_", "fm1a_", "fo1_"], &[Of(base_64_url, 43, 800)], RandomCase),
        || format!("fm2_{}", random(ALNUM, 160)), || format!("fm2_{}", random(ALNUM, 20))),
    row("atlassian", "Atlassian API token", "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/", High,
        token(&["ATATT3"], &[Of(base_64_url, 160, 200)], Random),
        || format!("ATATT3{}", random(ALNUM, 186)), || format!("ATATT3{}", random(ALNUM, 20))),
    row("planetscale", "PlanetScale token or password", "https://planetscale.com/docs/api/reference/service-tokens", High,
        token(&["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], &[Of(url64_dot, 32, 64)], Random),
        || format!("pscale_pw_{}", random(ALNUM, 43)), || "pscale_pw_here".to_owned()),
    row("pulumi", "Pulumi access token", "https://www.pulumi.com/docs/administration/access-identity/access-tokens/", High,
        token(&["pul-"], &[Of(hex, 40, 40)], Random),
        || format!("pul-{}", random(LOWER_HEX, 40)), || "pul-request".to_owned()),
    row("jfrog", "JFrog Artifactory API key", "https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens", High,
        token(&["AKCp"], &[Of(alnum, 69, 69)], Random),
        || format!("AKCp{}", random(ALNUM, 69)), || format!("AKCp{}", random(ALNUM, 40))),
    row("database-url", "Database URL with password", "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1", High,
        Form::Url { schemes: &["postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "redis", "rediss", "amqp", "amqps", "mssql", "sqlserver", "clickhouse", "snowflake", "postgresql+psycopg2", "postgresql+asyncpg", "mysql+pymysql"] },
        || format!("postgres://app:{}@db.internal:5432/orders", random(ALNUM, 12)), || "postgres://user:${DB_PASSWORD}@db.internal/orders".to_owned()),
    row("url-password", "URL with user and password", "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1", Medium,
        Form::Url { schemes: &["http", "https", "ftp", "ftps", "sftp", "ssh", "smtp", "smtps", "imap", "imaps", "ldap", "ldaps", "git", "socks5"] },
        || format!("https://deploy:{}@packages.internal/simple", random(ALNUM, 16)), || "https://user:password@packages.internal/simple".to_owned()),
    row("authorization-header", "Credential of an HTTP request", "https://www.rfc-editor.org/rfc/rfc9110#name-authorization", Medium,
        Form::Assigned(Assigned { names: &["Authorization", "authorization", "AUTHORIZATION"], class: generic_value, length: (16, 1024), check: ValueCheck::Unguessable, rank: Rank::Generic }),
        || format!("curl -H \"Authorization: Bearer {}\"", random(ALNUM, 40)), || "Authorization: Bearer $TOKEN".to_owned()),
    row("generic", "Value that a telling name is set to", "https://cwe.mitre.org/data/definitions/798.html", Medium,
        Form::Assigned(Assigned { names: TELLING, class: generic_value, length: (16, 128), check: ValueCheck::Unguessable, rank: Rank::Generic }),
        || format!("api_key = \"{}\"", random(ALNUM, 40)), || "api_key = \"my_application_key\"".to_owned()),
];

/// What names of secrets hold, in the cases they are written in.
const TELLING: &[&str] = &[
    "api_key",
    "api-key",
    "apikey",
    "apiKey",
    "ApiKey",
    "API_KEY",
    "API-KEY",
    "APIKEY",
    "api_token",
    "apiToken",
    "API_TOKEN",
    "secret",
    "Secret",
    "SECRET",
    "passw",
    "Passw",
    "PASSW",
    "auth_token",
    "authToken",
    "AUTH_TOKEN",
    "access_token",
    "accessToken",
    "ACCESS_TOKEN",
    "private_key",
    "privateKey",
    "PRIVATE_KEY",
    "access_key",
    "accessKey",
    "ACCESS_KEY",
    "credential",
    "CREDENTIAL",
    "bearer_token",
    "refresh_token",
];

const fn row(
    id: &'static str,
    title: &'static str,
    reference: &'static str,
    severity: Severity,
    form: Form,
    hit: fn() -> String,
    miss: fn() -> String,
) -> Row {
    Row { id, title, reference, severity, form, hit, miss }
}

const fn token(starts: &'static [&'static str], parts: &'static [Part], check: Check) -> Form {
    Form::Token(Token { starts, parts, check })
}

const fn assigned(names: &'static [&'static str], class: fn(u8) -> bool, length: (usize, usize)) -> Form {
    Form::Assigned(Assigned { names, class, length, check: ValueCheck::Random, rank: Rank::Likely })
}

fn azure(byte: u8) -> bool {
    url64(byte) || matches!(byte, b'.' | b'~')
}

fn hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn hex_dash(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || byte == b'-'
}

fn base_32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

fn base_32_any(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn base_64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn base_64_word(byte: u8) -> bool {
    base_64(byte) || byte == b'_'
}

fn base_64_url(byte: u8) -> bool {
    base_64(byte) || url64(byte)
}

fn url64_dot(byte: u8) -> bool {
    url64(byte) || byte == b'.'
}

fn word_dot(byte: u8) -> bool {
    word(byte) || byte == b'.'
}

fn generic_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'~' | b'!' | b'#' | b'@' | b'%' | b'^' | b'*'
        )
}
