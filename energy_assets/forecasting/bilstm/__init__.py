"""One Bi-LSTM a customer: shared pre-training, fine-tuning and serving.

Importing this package imports torch: do it inside the function that trains or predicts.
"""

from energy_assets.forecasting.bilstm.family import BiLstm, BiLstmModel
from energy_assets.forecasting.bilstm.finetuning import fine_tune
from energy_assets.forecasting.bilstm.models import CustomerModel, SharedModel
from energy_assets.forecasting.bilstm.pretraining import pretrain
from energy_assets.forecasting.bilstm.serving import predict, predict_origins
from energy_assets.forecasting.bilstm.settings import BiLstmSettings

__all__ = [
    "BiLstm",
    "BiLstmModel",
    "BiLstmSettings",
    "CustomerModel",
    "SharedModel",
    "fine_tune",
    "predict",
    "predict_origins",
    "pretrain",
]
